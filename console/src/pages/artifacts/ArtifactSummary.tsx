// What one sees of an artifact before anything else: how bad it is, whether it may be pulled, and when
// that was found. Each number leads to its list.

import { Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { ArtifactOverview, FindingSummary, ScanStatus } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import { countsOf, SeverityBar, SeverityGlyph } from "~/parts/Severity";
import { StateWord } from "~/parts/StateWord";
import { TimeAgo } from "~/parts/Values";
import { reasonsOf, VerdictBadge } from "~/parts/VerdictBadge";
import { ARTIFACT, baseOf, isIndex, isRunning, keyOf, snapshotWord } from "./artifact";
import css from "./artifact.module.css";
import { useIsElsewhere } from "./place";
import { standingOf, usePullCheck } from "./pullCheck";
import { ReasonText } from "./ReasonText";

export function ArtifactSummary({ overview }: { overview: ArtifactOverview }) {
  return (
    <div className={css.summary}>
      <Level overview={overview} />
      <Verdict overview={overview} />
      <Facts overview={overview} />
    </div>
  );
}

function Level({ overview }: { overview: ArtifactOverview }) {
  const say = useWords(words);
  const word = useWords(parts);
  const { namespace, repository, digest, scan, summary } = overview.artifact;
  const list = (search: Record<string, string>) => to.artifact(namespace, repository, digest, search);
  return (
    <section className={css.part} aria-label={say("level")}>
      <div className="spread">
        <h2 className={css.name}>{say("level")}</h2>
        {(scan.state !== "complete" || !summary) && <StateWord state={scan.state} />}
      </div>
      {isRunning(scan) && <Running scan={scan} />}
      {summary && <Counts summary={summary} overview={overview} />}
      {!summary && scan.state === "not_supported" && (
        <span className="dim">
          {word("notSupportedWhy")}{" "}
          <code>{plain(overview.artifact.artifact_type ?? overview.artifact.media_type)}</code>
        </span>
      )}
      {summary && !summary.complete && (
        <div className={css.warning}>
          <TriangleAlert size={14} aria-hidden="true" />
          <span>
            <strong>{word("incomplete")}.</strong> {word("incompleteWhy")}{" "}
            {!isIndex(overview) && (
              <Link to={list({ tab: "log" })} className="inText">
                {say("whatNotRead")}
              </Link>
            )}
          </span>
        </div>
      )}
      {isIndex(overview) && summary && (
        <span className="dim">
          {say("sumOf", {
            scanned: overview.scanned_images ?? 0,
            scannable: overview.scannable_images ?? overview.platforms.length,
          })}
        </span>
      )}
    </section>
  );
}

const PHASES = ["opening", "layers", "matching", "images"] as const;

function Running({ scan }: { scan: ScanStatus }) {
  const say = useWords(words);
  const word = useWords(parts);
  const format = useFormat();
  const percent = scan.progress_percent ?? undefined;
  const phase = PHASES.find((it) => it === scan.phase);
  return (
    <div className="stack" style={{ gap: 4 }}>
      <Progress
        value={percent ?? 100}
        animated={percent === undefined}
        striped={percent === undefined}
        size={8}
        aria-label={word("scanning")}
      />
      <span className="dim">
        {percent !== undefined && format.percent(percent / 100)} {phase ? say(`phase_${phase}`) : scan.phase}
      </span>
    </div>
  );
}

function Counts({ summary, overview }: { summary: FindingSummary; overview: ArtifactOverview }) {
  const say = useWords(words);
  const word = useWords(parts);
  const format = useFormat();
  const { namespace, repository, digest } = overview.artifact;
  const list = (search: Record<string, string>) => to.artifact(namespace, repository, digest, search);
  if (summary.total === 0) return <strong className={css.clean}>{word("noFindings")}</strong>;
  return (
    <>
      <div className={css.counts}>
        {(["critical", "high", "medium", "low"] as const).map((severity) => (
          <Link
            key={severity}
            to={list({ severity })}
            className={css.count}
            data-none={summary[severity] === 0 || undefined}
          >
            <span className={css.number}>{format.number(summary[severity])}</span>
            <span className={css.label}>
              <SeverityGlyph severity={severity} size={10} />
              {word(severity)}
            </span>
          </Link>
        ))}
        <span className={css.count} data-none={summary.other === 0 || undefined}>
          <span className={css.number}>{format.number(summary.other)}</span>
          <span className={css.label} title={`${word("negligible")}, ${word("unknown")}`}>
            {say("other")}
          </span>
        </span>
      </div>
      <SeverityBar counts={countsOf(summary)} height={8} />
      <div className={css.below}>
        <span>{word("findings", { count: summary.total })}</span>
        <Link to={list({ fixable: "yes" })}>{say("fixableCount", { count: summary.fixable })}</Link>
      </div>
    </>
  );
}

function Verdict({ overview }: { overview: ArtifactOverview }) {
  const say = useWords(words);
  const format = useFormat();
  const { namespace, repository, digest, scan, verdict } = overview.artifact;
  const address = { namespace, repository, reference: digest };
  const full = useQuery({
    queryKey: keyOf(address, "verdict"),
    queryFn: ({ signal }) => answer(api.GET(`${ARTIFACT}/verdict`, { params: { path: address }, signal })),
    enabled: verdict != null,
  });
  // What passes may do so by an exception alone; that is said.
  const check = usePullCheck(overview.artifact, !isIndex(overview) && verdict?.answer !== "deny");
  const standing = verdict ?? standingOf(check.data);
  const exceptions = check.data?.exceptions ?? [];
  const reasons = verdict ? reasonsOf(full.data ?? {}) : (standingOf(check.data)?.reasons ?? []);
  const worst = reasons.filter((it) => it.outcome === standing?.answer && it.outcome !== "allow");
  return (
    <section className={css.part} aria-label={say("verdict")}>
      <div className="spread">
        <h2 className={css.name}>{say("verdict")}</h2>
        {(!isIndex(overview) || standing) && (
          <VerdictBadge verdict={standing} isExcepted={exceptions.length > 0} />
        )}
      </div>
      {standing ? (
        <>
          <strong>{say(`pull_${standing.answer}`)}</strong>
          <ul className={css.reasons}>
            {worst.slice(0, 3).map((it) => (
              <li key={`${it.rule} ${it.what}`}>
                <ReasonText
                  reason={it}
                  scan={scan}
                  logTo={to.artifact(namespace, repository, digest, { tab: "log" })}
                  isShort
                />
              </li>
            ))}
          </ul>
          {exceptions.length > 0 && (
            <Link to={to.namespace(namespace, "exceptions")}>
              {say("exceptedAre", { ids: format.list(exceptions.map((it) => it.vulnerability)) })}
            </Link>
          )}
          <Link to={to.artifact(namespace, repository, digest, { tab: "verdict" })}>{say("everyRule")}</Link>
        </>
      ) : (
        <span className="dim">{say(isIndex(overview) ? "indexVerdict" : "noVerdictWhy")}</span>
      )}
    </section>
  );
}

function Facts({ overview }: { overview: ArtifactOverview }) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const word = useWords(parts);
  const format = useFormat();
  const { artifact } = overview;
  const isElsewhere = useIsElsewhere(artifact.namespace);
  const { summary } = artifact;
  const { asked_at: asked, ended_at: ended } = artifact.scan;
  const seconds = asked && ended ? (Date.parse(ended) - Date.parse(asked)) / 1000 : undefined;
  const rows: [string, ReactNode][] = [
    [lists(isElsewhere ? "firstSeen" : "pushed"), <TimeAgo key="pushed" time={artifact.pushed_at} />],
    [lists("pulled"), <TimeAgo key="pulled" time={artifact.pulled_at} />],
  ];
  if (summary) rows.push([word("scannedAt"), <TimeAgo key="scanned" time={summary.scanned_at} />]);
  if (summary && seconds !== undefined && seconds >= 0)
    rows.push([word("duration"), format.duration(seconds)]);
  const { engine, snapshot } = overview;
  rows.push([word("engine"), `${engine.name} ${engine.version}`]);
  if (snapshot) rows.push([word("snapshot"), snapshotWord(snapshot)]);
  rows.push([lists("size"), format.bytes(artifact.size_bytes)]);
  const base = baseOf(overview);
  if (base) rows.push([say("builtOn"), plain(base)]);
  if (overview.platforms.length > 0)
    rows.push([say("platforms"), overview.platforms.map((it) => it.platform ?? "?").join(", ")]);
  return (
    <section className={css.part} aria-label={say("facts")}>
      <h2 className={css.name}>{say("facts")}</h2>
      <dl className={css.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
