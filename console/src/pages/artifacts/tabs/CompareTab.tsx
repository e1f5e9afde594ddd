// How another artifact differs from this one: what is new, gone and changed.
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useFormat, useWords } from "~/i18n";
import { artifactFix } from "~/i18n/words/artifact-fix";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { shortDigest } from "~/parts/Copy";
import { SeverityBadge, SeverityBar } from "~/parts/Severity";
import { Empty, Failure, Loading } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import { ARTIFACT, type ArtifactTabProps, keyOf } from "../artifact";
import css from "./compare.module.css";
import { bySeverity, type Difference, differenceOf, type Entry } from "./difference";

const DEFAULTS = { with: "" };

export default function CompareTab({ address, overview }: ArtifactTabProps) {
  const { state, change } = useAddressState(DEFAULTS);
  return (
    <div className="stack" style={{ gap: 16 }}>
      <Choice
        key={state.with}
        chosen={state.with}
        choose={(other) => change({ with: other })}
        address={address}
        overview={overview}
      />
      {state.with !== "" && <Compared address={address} other={state.with} />}
    </div>
  );
}

interface ChoiceProps extends ArtifactTabProps {
  chosen: string;
  choose: (other: string) => void;
}

function Choice({ address, chosen, choose }: ChoiceProps) {
  const say = useWords(artifactFix);
  const [text, setText] = useState(chosen);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose(text.trim());
  };
  return (
    <div className={css.choice}>
      <form onSubmit={submit} className={css.form}>
        <TextInput
          label={say("compareWith")}
          description={say("compareHelp")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" disabled={text.trim() === ""}>
          {say("compareAction")}
        </Button>
      </form>
      {chosen === "" && <Others address={address} choose={choose} />}
    </div>
  );
}

/** Those of the same repository: an image is mostly compared with the one before it. */
function Others({ address, choose }: Pick<ChoiceProps, "address" | "choose">) {
  const say = useWords(artifactFix);
  const { namespace, repository, reference } = address;
  const list = useQuery({
    queryKey: ["artifacts", "tagged", namespace, repository],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/namespaces/{namespace}/repositories/{repository}/artifacts", {
          params: { path: { namespace, repository }, query: { tagged: true, limit: 12 } },
          signal,
        }),
      ),
  });
  const others = (list.data?.items ?? []).filter((it) => it.digest !== reference && it.summary);
  if (others.length === 0) return <Empty title={say("chooseOther")} icon={GitCompareArrows} />;
  return (
    <div className={css.others}>
      <h2>{say("otherTags")}</h2>
      <ul>
        {others.map((it) => (
          <li key={it.digest}>
            <Button variant="default" size="xs" onClick={() => choose(it.tags[0] ?? it.digest)}>
              {it.tags[0] ?? shortDigest(it.digest)}
            </Button>
            <span className="dim">
              <TimeAgo time={it.pushed_at} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Compared({ address, other }: Pick<ArtifactTabProps, "address"> & { other: string }) {
  const say = useWords(artifactFix);
  const format = useFormat();
  const compared = useQuery({
    queryKey: keyOf(address, "compare", other),
    queryFn: ({ signal }) =>
      answer(api.GET(`${ARTIFACT}/compare`, { params: { path: address, query: { with: other } }, signal })),
    retry: false,
  });
  if (compared.error) return <Failure error={compared.error} again={() => void compared.refetch()} />;
  if (compared.isPending) return <Loading />;
  const found = differenceOf(compared.data);
  if (!found) return <Failure error={new Error(say("chooseOther"))} />;
  return (
    <>
      <h2 className={css.title}>
        {say.rich("fromTo", {
          from: <span className="mono">{shortName(found.from.name)}</span>,
          to: <span className="mono">{shortName(found.to.name)}</span>,
        })}
      </h2>
      <Notices found={found} />
      <div className={css.sides}>
        <Findings title={say("new")} entries={found.appeared} mark="+" />
        <Findings title={say("gone")} entries={found.gone} mark="−" />
      </div>
      {found.changed.length > 0 && (
        <Part title={say("changed")} count={found.changed.length}>
          {found.changed.map((it) => (
            <Row key={`${it.to.id} ${it.to.name}`} entry={it.to}>
              <span className="dim">{it.what.map(plain).join("; ")}</span>
            </Row>
          ))}
        </Part>
      )}
      <Packages found={found} />
      <p className="dim">
        {say("unchanged")}: {format.number(found.unchanged)}
      </p>
    </>
  );
}

/** A digest in a name is as short as everywhere. */
function shortName(name: string): string {
  return plain(name).replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/, "$1");
}

function Notices({ found }: { found: Difference }) {
  const say = useWords(artifactFix);
  return (
    <>
      {!found.sameDatabase && <p className={css.notice}>{say("otherDatabase")}</p>}
      {(["from", "to"] as const)
        .filter((it) => !found[it].complete)
        .map((it) => (
          <p key={it} className={css.notice}>
            {say("incompleteSide", { name: shortName(found[it].name) })}
          </p>
        ))}
    </>
  );
}

function Part({ title, count, children }: { title: ReactNode; count: number; children: ReactNode }) {
  const say = useWords(artifactFix);
  const format = useFormat();
  return (
    <section className={css.part}>
      <h3>
        {title} <span className={css.number}>{format.number(count)}</span>
      </h3>
      {count === 0 ? <p className="dim">{say("none")}</p> : <ul>{children}</ul>}
    </section>
  );
}

/** So many are in the page at once. */
const SHOWN = 200;

function Findings({ title, entries, mark }: { title: string; entries: Entry[]; mark: string }) {
  const [areAll, setAll] = useState(false);
  const format = useFormat();
  const shown = areAll ? entries : entries.slice(0, SHOWN);
  return (
    <Part title={title} count={entries.length}>
      <li className={css.bar}>
        <SeverityBar counts={bySeverity(entries)} />
      </li>
      {shown.map((it) => (
        <Row key={`${it.id} ${it.name} ${it.version}`} entry={it} mark={mark} />
      ))}
      {shown.length < entries.length && (
        <li>
          <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
            +{format.number(entries.length - shown.length)}
          </Button>
        </li>
      )}
    </Part>
  );
}

function Row({ entry, mark, children }: { entry: Entry; mark?: string; children?: ReactNode }) {
  const say = useWords(artifactFix);
  return (
    <li className={css.row}>
      {mark && (
        <span className="mono dim" aria-hidden="true">
          {mark}
        </span>
      )}
      <SeverityBadge severity={entry.severity} />
      <Link to={to.vulnerability(entry.id)}>{entry.id}</Link>
      <span>
        {plain(entry.name)} <span className="mono dim">{plain(entry.version)}</span>
      </span>
      {entry.fixed_version && <span className={`mono ${css.fixed}`}>→ {plain(entry.fixed_version)}</span>}
      {entry.suppressed && <span className="dim">{say("suppressed")}</span>}
      {children}
    </li>
  );
}

function Packages({ found }: { found: Difference }) {
  const say = useWords(artifactFix);
  const line = (name: string, rest: string) => (
    <li key={name} className={css.row}>
      <span>{plain(name)}</span> <span className="mono dim">{plain(rest)}</span>
    </li>
  );
  return (
    <div className={css.sides}>
      <Part title={say("packagesAdded")} count={found.added.length}>
        {found.added.slice(0, SHOWN).map((it) => line(it.name, it.versions.join(", ")))}
      </Part>
      <Part title={say("packagesRemoved")} count={found.removed.length}>
        {found.removed.slice(0, SHOWN).map((it) => line(it.name, it.versions.join(", ")))}
      </Part>
      <Part title={say("packagesChanged")} count={found.moved.length}>
        {found.moved
          .slice(0, SHOWN)
          .map((it) => line(it.name, `${it.from.join(", ")} → ${it.to.join(", ")}`))}
      </Part>
    </div>
  );
}
