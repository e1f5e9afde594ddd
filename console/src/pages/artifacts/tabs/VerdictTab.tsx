// Whether an artifact may be pulled: each rule and its answer, and how that came about over time.

import { useQuery } from "@tanstack/react-query";
import { Check, CircleHelp, CircleMinus, TriangleAlert, X } from "lucide-react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useMay } from "~/api/session";
import type { ArtifactOverview, Verdict } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import { SeverityBadge } from "~/parts/Severity";
import { Empty, Failure, Loading } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import { type Reason, reasonsOf, VerdictBadge } from "~/parts/VerdictBadge";
import { Exceptions } from "../../why/Exceptions";
import { ARTIFACT, type ArtifactTabProps, hasReport, isIndex, keyOf } from "../artifact";
import { type Standing, standingOf, usePullCheck } from "../pullCheck";
import { ReasonText } from "../ReasonText";
import { ListedVerdict } from "../VerdictCell";
import css from "./tabs.module.css";
import { answersOf, type Policy, RULES, type RuleAnswer } from "./verdict";

export default function VerdictTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(words);
  const { namespace } = address;
  const verdict = useQuery({
    queryKey: keyOf(address, "verdict"),
    queryFn: ({ signal }) => answer(api.GET(`${ARTIFACT}/verdict`, { params: { path: address }, signal })),
  });
  const policy = useQuery({
    queryKey: ["policy", namespace],
    queryFn: ({ signal }) =>
      answer(api.GET("/namespaces/{namespace}/policy", { params: { path: { namespace } }, signal })),
    retry: false,
  });
  const check = usePullCheck(overview.artifact, !isIndex(overview));
  if (isIndex(overview)) return <OfIndex overview={overview} />;
  const isNone = verdict.error instanceof ApiError && verdict.error.status === 404;
  if (verdict.error && !isNone) {
    return <Failure error={verdict.error} again={() => void verdict.refetch()} />;
  }
  if (isNone ? check.isPending : !verdict.data) return <Loading />;
  const standing = isNone ? standingOf(check.data) : stored(verdict.data);
  if (!standing) return <NoVerdict namespace={namespace} />;
  const asked = policy.data?.policy as Policy | undefined;
  return (
    <div className="stack">
      <Answered standing={standing} isExcepted={(check.data?.exceptions.length ?? 0) > 0} />
      <section className={css.frame} aria-label={say("rules")}>
        <ul className={css.rules}>
          {answersOf(standing.reasons, asked, hasReport(overview)).map((it) => (
            <RuleRow key={it.rule} answer={it} overview={overview} />
          ))}
        </ul>
      </section>
      {check.data && <Exceptions found={check.data} />}
      <Link to={to.namespace(namespace, "policy")}>{say("toPolicy", { namespace })}</Link>
    </div>
  );
}

function stored(verdict: Verdict | undefined): Standing | undefined {
  return verdict && { ...verdict, reasons: reasonsOf(verdict) };
}

function Answered({ standing, isExcepted }: { standing: Standing; isExcepted: boolean }) {
  const say = useWords(words);
  const format = useFormat();
  return (
    <div className={css.answered}>
      <div className="row">
        <VerdictBadge verdict={standing} isExcepted={isExcepted} />
        <strong>{say(`pull_${standing.answer}`)}</strong>
      </div>
      {standing.lowered && <p>{say(standing.lowered === "dry_run" ? "loweredDryRun" : "loweredSpared")}</p>}
      <p className="dim">
        {standing.decided_at && say.rich("decided", { time: <TimeAgo time={standing.decided_at} /> })}
        {standing.holds_until &&
          ` · ${say("holdsUntil", { time: format.dateTime(new Date(standing.holds_until)) })}`}
      </p>
    </div>
  );
}

interface OfArtifact {
  overview: ArtifactOverview;
}

const LOOKS = {
  deny: [X, "var(--bad-text)"],
  warn: [TriangleAlert, "var(--warn-text)"],
  allow: [Check, "var(--good-text)"],
  unknown: [CircleHelp, "var(--text-dim)"],
  none: [CircleMinus, "var(--text-dim)"],
} as const;

function RuleRow({ answer: { rule, answer, reasons }, overview }: { answer: RuleAnswer } & OfArtifact) {
  const say = useWords(words);
  const word = useWords(parts);
  const [Icon, color] = LOOKS[answer ?? "none"];
  const known = RULES.find((it) => it === rule);
  const answerWord = (answer: RuleAnswer["answer"]) => {
    if (answer === undefined) return say("notAsked");
    if (answer === "unknown") return say("notKnown");
    return answer === "allow" ? say("passed") : word(answer);
  };
  return (
    <li className={css.rule}>
      <span className={css.ruleAnswer} style={{ color }}>
        <Icon size={16} aria-hidden="true" />
        {answerWord(answer)}
      </span>
      <div className={css.ruleText}>
        <strong>{known ? say(`rule_${known}`) : rule}</strong>
        {reasons.map((it) => (
          <ReasonRow key={`${it.outcome} ${it.what}`} reason={it} overview={overview} />
        ))}
      </div>
    </li>
  );
}

function ReasonRow({ reason, overview }: { reason: Reason } & OfArtifact) {
  const say = useWords(words);
  const { namespace, repository, digest, scan } = overview.artifact;
  const findings = reason.findings ?? [];
  const more = (reason.count ?? findings.length) - findings.length;
  return (
    <div>
      <p>
        <ReasonText
          reason={reason}
          scan={scan}
          logTo={to.artifact(namespace, repository, digest, { tab: "log" })}
        />
      </p>
      {findings.length > 0 && (
        <details>
          <summary>{say("whichFindings")}</summary>
          <ul className={css.reasonFindings}>
            {findings.map((it) => (
              <li key={`${it.id} ${it.package} ${it.version}`}>
                <Link to={to.vulnerability(it.id)}>{it.id}</Link> {plain(it.package)}{" "}
                <span className="mono dim">{plain(it.version)}</span>
                {it.fixed_version && <span className="mono"> → {plain(it.fixed_version)}</span>}{" "}
                <SeverityOf word={it.severity} />
              </li>
            ))}
            {more > 0 && <li className="dim">{say("andMore", { count: more })}</li>}
          </ul>
        </details>
      )}
    </div>
  );
}

const SEVERITIES = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;

function SeverityOf({ word }: { word: string }) {
  const severity = SEVERITIES.find((it) => it === word);
  return severity ? <SeverityBadge severity={severity} /> : null;
}

function NoVerdict({ namespace }: { namespace: string }) {
  const say = useWords(words);
  const may = useMay("configure", namespace);
  return (
    <Empty title={say("noVerdict")}>
      <p>{say("noVerdictWhy")}</p>
      {may && <Link to={to.namespace(namespace, "policy")}>{say("toPolicy", { namespace })}</Link>}
    </Empty>
  );
}

/** An index is let through; its images are judged, each when it is pulled. */
function OfIndex({ overview }: { overview: ArtifactOverview }) {
  const say = useWords(words);
  const { namespace, repository } = overview.artifact;
  return (
    <div className="stack">
      <p className="dim">{say("indexVerdict")}</p>
      <section className={css.frame}>
        <ul className={css.rules}>
          {overview.platforms.map((it) => (
            <li key={it.digest} className={css.rule}>
              <span className={css.ruleAnswer}>
                <ListedVerdict artifact={{ namespace, repository, digest: it.digest, verdict: it.verdict }} />
              </span>
              <Link to={to.artifact(namespace, repository, it.digest, { tab: "verdict" })}>
                {it.platform ?? say("unknownPlatform")}
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
