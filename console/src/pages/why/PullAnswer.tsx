// The answer: one sentence, its reasons, what to do.

import { Button } from "@mantine/core";
import { Check, CircleHelp, type LucideIcon, TriangleAlert, X } from "lucide-react";
import { Link } from "react-router";
import { to } from "~/addresses";
import type { PullCheck } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { why } from "~/i18n/words/why";
import { plain } from "~/parts/Advisory";
import { shortDigest } from "~/parts/Copy";
import { Said } from "~/parts/Said";
import { SeverityBadge } from "~/parts/Severity";
import { ReasonText } from "../artifacts/ReasonText";
import { Exceptions } from "./Exceptions";
import { WhatToDo } from "./WhatToDo";
import css from "./why.module.css";

type Headline = "allowed" | "warned" | "denied" | "notThere" | "mayNot";

/** What comes first: whether it is there, whether one may at all, and only then the policy. */
export function headlineOf(found: Pick<PullCheck, "exists" | "may_read" | "may_pull" | "answer">): Headline {
  if (!found.may_read || found.exists !== true) return "notThere";
  if (!found.may_pull) return "mayNot";
  if (found.answer === "deny") return "denied";
  return found.answer === "warn" ? "warned" : "allowed";
}

const LOOKS: Record<Headline, [LucideIcon, string]> = {
  allowed: [Check, "good"],
  warned: [TriangleAlert, "warn"],
  denied: [X, "bad"],
  notThere: [CircleHelp, "negligible"],
  mayNot: [X, "bad"],
};

export function PullAnswer({ found }: { found: PullCheck }) {
  const say = useWords(why);
  const headline = headlineOf(found);
  const [Icon, color] = LOOKS[headline];
  return (
    <div className="stack" aria-live="polite">
      <div
        className={css.headline}
        style={{ background: `var(--${color}-soft)`, color: `var(--${color}-text)` }}
      >
        <Icon size={22} aria-hidden="true" />
        <div>
          <h2>{say(headline)}</h2>
          <div className={css.sentence}>
            <Said text={found.sentence} />
          </div>
        </div>
      </div>
      <Notes found={found} />
      <WhatToDo found={found} />
      <Reasons found={found} />
      <Exceptions found={found} />
      <Images found={found} />
      {found.digest && (
        <div>
          <Button
            component={Link}
            to={to.artifact(found.namespace, found.repository, found.digest, { tab: "verdict" })}
            variant="default"
          >
            {say("toImage")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Notes({ found }: { found: PullCheck }) {
  const say = useWords(why);
  const format = useFormat();
  return (
    <>
      {found.lowered === "dry_run" && <div>{say("dryRun")}</div>}
      {found.lowered === "spared" && <div>{say("spared")}</div>}
      {found.holds_until && (
        <div className="dim">{say("mayChange", { time: format.dateTime(new Date(found.holds_until)) })}</div>
      )}
    </>
  );
}

function Reasons({ found }: { found: PullCheck }) {
  const say = useWords(why);
  if (found.reasons.length === 0) return null;
  return (
    <section className="card">
      <h2>{say("reasons")}</h2>
      <ul className={css.steps}>
        {found.reasons.map((it) => (
          <li key={`${it.rule} ${it.what}`}>
            <strong>
              <ReasonText reason={it} scan={found.scan} logTo={logOf(found)} />
            </strong>{" "}
            {it.findings.length > 0 && it.count > it.findings.length && (
              <span className="dim">
                {say("allFindings", { shown: it.findings.length, count: it.count })}
              </span>
            )}
            {it.findings.map((finding) => (
              <div
                key={`${finding.vulnerability} ${finding.package} ${finding.version}`}
                className={css.finding}
              >
                <Link to={to.vulnerability(finding.vulnerability)}>{finding.vulnerability}</Link>
                <SeverityBadge severity={finding.severity} />
                <span className="mono">
                  {plain(finding.package)} {plain(finding.version)}
                </span>
                {finding.fixed_version && (
                  <span className="dim">{say("fixedBy", { version: plain(finding.fixed_version) })}</span>
                )}
              </div>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function logOf({ namespace, repository, digest }: PullCheck): string | undefined {
  return digest ? to.artifact(namespace, repository, digest, { tab: "log" }) : undefined;
}

function Images({ found }: { found: PullCheck }) {
  const say = useWords(why);
  if (found.images.length === 0) return null;
  return (
    <section className="card">
      <h2>{say("images")}</h2>
      <ul className={css.steps}>
        {found.images.map((it) => (
          <li key={it.digest}>
            <strong>{it.platform ?? shortDigest(it.digest)}</strong>{" "}
            <Link to={to.artifact(found.namespace, found.repository, it.digest)} className="mono">
              {shortDigest(it.digest)}
            </Link>{" "}
            {it.answer === null || it.answer === undefined
              ? say("notHere")
              : say(it.answer === "deny" ? "denied" : it.answer === "warn" ? "warned" : "allowed")}
            {it.reasons.map((reason) => (
              <div key={reason} className="dim">
                <Said text={reason} isShort />
              </div>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
