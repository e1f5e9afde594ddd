// The security level of an artifact in a list: where its scan stands, and what came of it.
import { Button, Progress, Tooltip } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { FindingSummary, ScanStatus } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { plain } from "./Advisory";
import css from "./level.module.css";
import { countsOf, SeverityBadge, SeverityBar, SeverityGlyph } from "./Severity";
import { StateWord } from "./StateWord";
import severityCss from "./severity.module.css";

interface LevelCellProps {
  scan: ScanStatus;
  summary?: FindingSummary | null;
  /** Where its findings are. */
  to: string;
  /** Where the log of its scan is. */
  logTo?: string;
  /** Begins a scan; left out where whoever looks may not. */
  onScan?: () => void;
  isAsking?: boolean;
  /** What it is, in the word of its manifest: said where that cannot be scanned. */
  type?: string;
  /** What else the card says, in rows of `Row`: engine, snapshot. Read when the card is shown. */
  facts?: ReactNode;
}

export function LevelCell({ scan, summary, to, logTo, onScan, isAsking, type, facts }: LevelCellProps) {
  const say = useWords(parts);
  const result = summary && <Result summary={summary} scan={scan} to={to} facts={facts} />;
  switch (scan.state) {
    case "complete":
      return result ?? <StateWord state="complete" />;
    case "scanning":
      return <Running scan={scan} />;
    case "queued":
      return <StateWord state="queued" />;
    case "failed":
      return (
        <span className={css.line}>
          {result}
          <StateWord state="failed" />
          {logTo && <Link to={logTo}>{say("viewLog")}</Link>}
          {onScan && <ScanButton onScan={onScan} isAsking={isAsking} label={say("tryAgain")} />}
        </span>
      );
    case "not_scanned":
    case "stopped":
      return (
        <span className={css.line}>
          {result ?? <StateWord state={scan.state} />}
          {onScan && <ScanButton onScan={onScan} isAsking={isAsking} label={say("scan")} />}
        </span>
      );
    case "not_supported":
      return (
        <Tooltip label={<NotSupported type={type} />} multiline w={280}>
          <span tabIndex={0} className={css.inline}>
            <StateWord state="not_supported" />
          </span>
        </Tooltip>
      );
  }
}

function NotSupported({ type }: { type?: string }) {
  const say = useWords(parts);
  return (
    <>
      {say("notSupportedWhy")} {type && <code style={{ overflowWrap: "anywhere" }}>{plain(type)}</code>}
    </>
  );
}

function ScanButton(props: { onScan: () => void; isAsking?: boolean; label: string }) {
  return (
    <Button size="compact-xs" variant="default" loading={props.isAsking} onClick={props.onScan}>
      {props.label}
    </Button>
  );
}

/** A bar that fills. What is not known to move says only that it moves. */
function Running({ scan }: { scan: ScanStatus }) {
  const say = useWords(parts);
  const format = useFormat();
  const percent = scan.progress_percent ?? undefined;
  return (
    <span className={css.running}>
      <span className={css.spread}>
        <StateWord state="scanning" />
        {percent !== undefined && <span className="dim">{format.percent(percent / 100)}</span>}
      </span>
      <Progress
        value={percent ?? 100}
        animated={percent === undefined}
        striped={percent === undefined}
        size={6}
        aria-label={say("scanning")}
        transitionDuration={300}
      />
    </span>
  );
}

function Result({
  summary,
  scan,
  to,
  facts,
}: Pick<LevelCellProps, "to" | "scan" | "facts"> & { summary: FindingSummary }) {
  const say = useWords(parts);
  const format = useFormat();
  const counts = countsOf(summary);
  const isWhole = summary.complete && !scan.limited;
  const words = summary.total === 0 ? say("noFindings") : say("findings", { count: summary.total });
  return (
    <Tooltip
      classNames={{ tooltip: severityCss.tip }}
      label={<SummaryCard summary={summary} scan={scan} facts={facts} />}
      openDelay={120}
      multiline
      maw={380}
    >
      <Link to={to} className={css.result} data-incomplete={!isWhole || undefined}>
        <span className={css.spread}>
          {summary.highest ? (
            <SeverityBadge severity={summary.highest} />
          ) : (
            <span className={css.clean}>{say("none")}</span>
          )}
          <span className={css.total}>
            {!isWhole && <TriangleAlert size={13} className={css.warning} aria-hidden="true" />}
            <span className="unseen">, </span>
            <span className={css.words}>{words}</span>
            {summary.total > 0 && (
              <span className={css.only} aria-hidden="true">
                {format.number(summary.total)}
              </span>
            )}
          </span>
        </span>
        {summary.total > 0 && <SeverityBar counts={counts} />}
      </Link>
    </Tooltip>
  );
}

/** The counts of a report, its fixable ones, engine, duration and time: what a pointer or focus shows. */
export function SummaryCard({
  summary,
  scan,
  facts,
}: {
  summary: FindingSummary;
  scan?: ScanStatus;
  facts?: LevelCellProps["facts"];
}) {
  const say = useWords(parts);
  const format = useFormat();
  const seconds =
    scan?.asked_at && scan.ended_at
      ? (Date.parse(scan.ended_at) - Date.parse(scan.asked_at)) / 1000
      : undefined;
  const rows: [ReactNode, ReactNode, string][] = [
    [say("total"), format.number(summary.total), "total"],
    [say("fixable"), format.number(summary.fixable), "fixable"],
  ];
  const about: [ReactNode, ReactNode, string][] = [];
  if (seconds !== undefined && seconds >= 0)
    about.push([say("duration"), format.duration(seconds), "duration"]);
  about.push([say("scannedAt"), format.dateTime(new Date(summary.scanned_at)), "at"]);
  return (
    <dl className={severityCss.counts}>
      {(["critical", "high", "medium", "low"] as const).map((severity) => (
        <Row key={severity} name={[<SeverityGlyph key="glyph" severity={severity} />, say(severity)]}>
          {format.number(summary[severity])}
        </Row>
      ))}
      <Row
        name={[
          <SeverityGlyph key="glyph" severity="negligible" />,
          `${say("negligible")}, ${say("unknown")}`,
        ]}
      >
        {format.number(summary.other)}
      </Row>
      <div className={severityCss.rule} />
      {rows.map(([name, value, key]) => (
        <Row key={key} name={name}>
          {value}
        </Row>
      ))}
      <div className={severityCss.rule} />
      {facts}
      {about.map(([name, value, key]) => (
        <Row key={key} name={name}>
          {value}
        </Row>
      ))}
      {!summary.complete && <Row name={say("incomplete")}>{say("incompleteWhy")}</Row>}
      {scan?.limited && <Row name={say("incomplete")}>{say("limitedWhy")}</Row>}
    </dl>
  );
}

/** A line of the card. */
export function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
