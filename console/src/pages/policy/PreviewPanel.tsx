// What a policy would have done to the pulls of the last days. Asked again when it is changed, once the
// typing stops.

import { Button, Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useWords } from "~/i18n";
import { policyWords } from "~/i18n/words/policy";
import { shortDigest } from "~/parts/Copy";
import { Said } from "~/parts/Said";
import { Failure, Loading } from "~/parts/States";
import { type Example, type Policy, type Preview, previewOf, tidied } from "./policy";
import css from "./policy.module.css";

const PAUSE_MILLISECONDS = 500;
const DAYS = [7, 30, 90];

/** What a policy would have done, once it has stood still for a moment. */
export function usePreview(namespace: string, policy: Policy, days: number) {
  const wanted = JSON.stringify(tidied(policy));
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const query = useQuery({
    queryKey: ["policy", namespace, "preview", days, asked],
    queryFn: async ({ signal }) => {
      const body = { policy: JSON.parse(asked) as never, days };
      const params = { path: { namespace } };
      return previewOf(
        await answer(api.POST("/namespaces/{namespace}/policy/preview", { params, body, signal })),
      );
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return { ...query, isBehind: query.isPlaceholderData || asked !== wanted };
}

interface PreviewPanelProps {
  namespace: string;
  policy: Policy;
  /** Which policy it is that is tried. */
  whose: string;
}

export function PreviewPanel({ namespace, policy, whose }: PreviewPanelProps) {
  const say = useWords(policyWords);
  const [days, setDays] = useState(30);
  const preview = usePreview(namespace, policy, days);
  return (
    <section className={`card ${css.preview}`} aria-label={say("preview")}>
      <div className="spread">
        <div>
          <h2>{say("preview")}</h2>
          <span className="dim">{whose}</span>
        </div>
        <Select
          size="xs"
          w={130}
          aria-label={say("previewDays")}
          allowDeselect={false}
          data={DAYS.map((count) => ({ value: String(count), label: say("lastDays", { count }) }))}
          value={String(days)}
          onChange={(value) => setDays(Number(value ?? 30))}
        />
      </div>
      <div
        aria-live="polite"
        aria-busy={preview.isBehind}
        className={preview.isBehind ? css.behind : undefined}
      >
        {preview.data ? (
          <Outcome namespace={namespace} preview={preview.data} />
        ) : preview.error ? (
          <Failure error={preview.error} again={() => void preview.refetch()} />
        ) : (
          <Loading rows={2} />
        )}
      </div>
      <p className={`dim ${css.small}`}>{say("previewSame")}</p>
    </section>
  );
}

function Outcome({ namespace, preview }: { namespace: string; preview: Preview }) {
  const say = useWords(policyWords);
  const [isOpen, setOpen] = useState(false);
  if (preview.total.pulls === 0) return <p className="dim">{say("noPulls")}</p>;
  const { denied, total, spared, warned, examples } = preview;
  return (
    <div className="stack">
      <div>
        <p className={css.verdict} data-bad={denied.pulls > 0 || undefined}>
          {denied.pulls === 0
            ? say("refusedNone", { count: total.pulls })
            : say("refusedOf", { denied: denied.pulls, total: total.pulls })}
        </p>
        <Meter preview={preview} />
      </div>
      <ul className={css.facts}>
        {denied.pulls > 0 && (
          <li>
            {say("deny")}: {say("refusedImages", { count: denied.artifacts })}
          </li>
        )}
        {spared.pulls > 0 && <li>{say("spared", { count: spared.pulls })}</li>}
        {warned.pulls > 0 && <li>{say("warned", { count: warned.pulls })}</li>}
        {preview.isCut && <li>{say("isCut")}</li>}
      </ul>
      {examples.length > 0 && (
        <>
          <div>
            <Button
              size="compact-sm"
              variant="default"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {say(isOpen ? "hide" : "show")}
            </Button>
          </div>
          {isOpen && <Examples namespace={namespace} examples={examples} />}
        </>
      )}
    </div>
  );
}

/** The shares as a bar; the sentences beside it say the same. */
function Meter({ preview }: { preview: Preview }) {
  const { total, denied, spared, warned } = preview;
  const share = (pulls: number) => `${(100 * pulls) / Math.max(total.pulls, 1)}%`;
  return (
    <div className={css.meter} aria-hidden="true">
      <span style={{ width: share(denied.pulls), background: "var(--bad)" }} />
      <span style={{ width: share(spared.pulls), background: "var(--low)" }} />
      <span style={{ width: share(warned.pulls), background: "var(--medium)" }} />
    </div>
  );
}

function Examples({ namespace, examples }: { namespace: string; examples: Example[] }) {
  const say = useWords(policyWords);
  return (
    <ul className={css.examples}>
      {examples.map((it) => (
        <li key={`${it.repository}@${it.digest}`}>
          <div className="spread">
            <Link to={to.artifact(namespace, it.repository, it.digest, { tab: "verdict" })}>
              {it.repository}
              <span className="dim mono">@{shortDigest(it.digest)}</span>
            </Link>
            <span className="dim nowrap">
              {say("pullsCount", { count: it.pulls })}
              {it.spared && ` · ${say("isSpared")}`}
            </span>
          </div>
          <ul className={css.reasons}>
            {it.reasons
              .filter((reason) => reason.outcome === "deny")
              .map((reason) => (
                <li key={`${reason.rule} ${reason.what}`}>
                  <Said text={reason.what} isShort />
                </li>
              ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
