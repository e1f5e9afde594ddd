// A finding opened: what it is, why it matched, where it came from, what to do.

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { Finding } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { parts } from "~/i18n/words/parts";
import { AdvisoryText, plain, SafeLink } from "~/parts/Advisory";
import { Command } from "~/parts/Copy";
import { Said } from "~/parts/Said";
import { Status } from "./columns";
import css from "./findings.module.css";
import { remedyOf } from "./fix";
import { useHere } from "./here";
import { OriginChain } from "./OriginChain";

export function FindingDetails({ finding }: { finding: Finding }) {
  const say = useWords(words);
  return (
    <div className={css.details}>
      {finding.suppressed && <Suppressed suppressed={finding.suppressed} />}
      <div className={css.columns}>
        <div className="stack">
          <Part title={say("whatToDo")}>
            <Remedy finding={finding} />
          </Part>
          <Part title={say("whyMatched")}>
            <Why finding={finding} />
          </Part>
          <Part title={say("whatIsIt")}>
            <What finding={finding} />
          </Part>
        </div>
        <Part title={say("whereFrom")}>
          <OriginChain finding={finding} />
        </Part>
      </div>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Remedy({ finding }: { finding: Finding }) {
  const say = useWords(words);
  const remedy = remedyOf(finding);
  const mono = (text: string) => <span className="mono">{plain(text)}</span>;
  const names = { package: <strong>{plain(finding.package)}</strong>, from: mono(finding.version) };
  switch (remedy.do) {
    case "remove":
      return <p>{say.rich("doRemove", names)}</p>;
    case "upgrade-owner":
      return (
        <p>
          {say.rich("doUpgradeOwner", {
            owner: <strong>{plain(remedy.owner)}</strong>,
            to: mono(remedy.to ?? ""),
          })}
        </p>
      );
    case "upgrade":
      return (
        <>
          <p>{say.rich("doUpgrade", { ...names, to: mono(remedy.to) })}</p>
          {remedy.command && <Command text={remedy.command} />}
        </>
      );
    case "wait":
      return (
        <p>
          {say("noFix")} <Status status={remedy.status} />
        </p>
      );
  }
}

function Why({ finding }: { finding: Finding }) {
  const say = useWords(words);
  const word = useWords(parts);
  const format = useFormat();
  const facts: ReactNode[] = [
    finding.severity === "unknown"
      ? say("notRated")
      : say("ratedBy", { severity: word(finding.severity), source: finding.severity_source }),
  ];
  if (finding.cvss_score != null) facts.push(`CVSS ${finding.cvss_score.toFixed(1)}`);
  if (finding.epss != null) facts.push(say("epssIs", { percent: format.percent(finding.epss, 1) }));
  return (
    <>
      <p className="mono">
        <Said text={finding.why} />
      </p>
      {!finding.certain && <p className={css.notice}>{say("uncertain")}</p>}
      {finding.exploited && <p className={css.alarm}>{word("exploitedWhy")}</p>}
      <p className="dim">{facts.join(" · ")}</p>
    </>
  );
}

/** The text of the database, asked for when somebody wants to read it. */
function What({ finding }: { finding: Finding }) {
  const say = useWords(words);
  const known = useQuery({
    queryKey: ["vulnerability", finding.id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/vulnerabilities/{vulnerability}", {
          params: { path: { vulnerability: finding.id } },
          signal,
        }),
      ),
    retry: false,
  });
  const text = descriptionOf(known.data) ?? finding.summary ?? undefined;
  return (
    <>
      {text ? <Clamped text={text} /> : <p className="dim">{say(known.isPending ? "reading" : "noText")}</p>}
      {finding.aliases.length > 0 && (
        <p className="dim">{say("alsoKnown", { ids: finding.aliases.map(plain).join(", ") })}</p>
      )}
      <p>
        <Link to={to.vulnerability(finding.id)}>{say("aboutVulnerability", { id: finding.id })}</Link>
      </p>
      <References references={referencesOf(known.data) ?? finding.references} />
    </>
  );
}

/** The interface leaves the form of this open, so that it is looked at here. */
export function descriptionOf(answered: unknown): string | undefined {
  if (typeof answered !== "object" || answered === null) return undefined;
  const { description, summary } = answered as { description?: unknown; summary?: unknown };
  if (typeof description === "string" && description.trim() !== "") return description;
  return typeof summary === "string" && summary.trim() !== "" ? summary : undefined;
}

/** All references; a finding in a list has the first ones only. */
export function referencesOf(answered: unknown): string[] | undefined {
  if (typeof answered !== "object" || answered === null) return undefined;
  const { references } = answered as { references?: unknown };
  if (!Array.isArray(references)) return undefined;
  return references.filter((it): it is string => typeof it === "string");
}

const LONG_CHARACTERS = 600;

function Clamped({ text }: { text: string }) {
  const say = useWords(words);
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > LONG_CHARACTERS;
  return (
    <div>
      <AdvisoryText text={isLong && !isWhole ? `${text.slice(0, LONG_CHARACTERS)}…` : text} />
      {isLong && (
        <Button size="compact-xs" variant="subtle" onClick={() => setWhole(!isWhole)}>
          {say(isWhole ? "showLess" : "showAll")}
        </Button>
      )}
    </div>
  );
}

const REFERENCES_SHOWN = 4;

function References({ references }: { references: string[] }) {
  const say = useWords(words);
  const [areAll, setAll] = useState(false);
  if (references.length === 0) return null;
  const shown = areAll ? references : references.slice(0, REFERENCES_SHOWN);
  return (
    <>
      <ul className={css.references}>
        {shown.map((it) => (
          <li key={it}>
            <SafeLink href={it}>{plain(it).replace(/^https?:\/\//, "")}</SafeLink>
          </li>
        ))}
      </ul>
      {references.length > REFERENCES_SHOWN && !areAll && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          {say("allReferences", { count: references.length })}
        </Button>
      )}
    </>
  );
}

function Suppressed({ suppressed }: { suppressed: NonNullable<Finding["suppressed"]> }) {
  const say = useWords(words);
  const format = useFormat();
  const here = useHere();
  const { author, until, reason, source, status, kind } = suppressed;
  return (
    <div className={css.notice}>
      <strong>{say(kind === "exception" ? "suppressedByException" : "suppressedByVex")}</strong>{" "}
      {[
        reason && plain(reason),
        author && say("onWordOf", { author: plain(author) }),
        until && say("endsAt", { time: format.dateTime(new Date(until)) }),
        `${plain(status)}, ${plain(source)}`,
      ]
        .filter(Boolean)
        .join(" · ")}{" "}
      {kind === "exception" && <Link to={to.namespace(here.namespace, "policy")}>{say("toExceptions")}</Link>}
    </div>
  );
}
