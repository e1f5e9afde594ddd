// How scanning goes: what waits and runs, and what ended in each few minutes of the last hour.
import type { ReactNode } from "react";
import type { ScanFigures } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { scanWords } from "~/i18n/words/scans";
import { Failure } from "~/parts/States";
import { gathered, remainingSeconds } from "./scans";
import css from "./scans.module.css";

interface FiguresProps {
  figures?: ScanFigures;
  error: Error | null;
  again: () => void;
  /** Shows those of a state alone. */
  choose: (state: string) => void;
}

export function Figures({ figures, error, again, choose }: FiguresProps) {
  const say = useWords(scanWords);
  const word = useWords(parts);
  const format = useFormat();
  if (error && figures === undefined) return <Failure error={error} again={again} />;
  const remaining = figures && remainingSeconds(figures);
  const number = (count: number | undefined) => (count === undefined ? "–" : format.number(count));
  return (
    <div className={css.figures}>
      <Tile name={word("queued")} value={number(figures?.queued)} onClick={() => choose("queued")}>
        {remaining !== undefined && (
          <span className="dim">{say("remaining", { duration: format.duration(remaining) })}</span>
        )}
      </Tile>
      <Tile name={word("scanning")} value={number(figures?.scanning)} onClick={() => choose("scanning")}>
        {figures?.mean_seconds != null && (
          <span className="dim">{say("mean", { duration: format.duration(figures.mean_seconds) })}</span>
        )}
      </Tile>
      <Tile name={say("failedHour")} value={number(figures?.failed)} onClick={() => choose("failed")} />
      <div className={`card ${css.tile} ${css.wide}`}>
        <div className="spread">
          <span className="dim">{say("endedHour")}</span>
          <strong>{number(figures?.completed)}</strong>
        </div>
        {figures && <Bars figures={figures} />}
      </div>
    </div>
  );
}

function Tile(props: { name: string; value: ReactNode; onClick: () => void; children?: ReactNode }) {
  return (
    <button type="button" className={`card ${css.tile} ${css.button}`} onClick={props.onClick}>
      <span className="dim">{props.name}</span>
      <span className={css.figure}>{props.value}</span>
      {props.children}
    </button>
  );
}

const MINUTES = 2;
const HEIGHT = 44;

function Bars({ figures }: { figures: ScanFigures }) {
  const say = useWords(scanWords);
  const format = useFormat();
  const bars = gathered(figures.minutes, MINUTES);
  const most = Math.max(1, ...bars.map((it) => it.completed + it.failed));
  return (
    <div
      className={css.bars}
      role="img"
      aria-label={say("throughput", { completed: figures.completed, failed: figures.failed })}
    >
      {bars.map((it) => (
        <span
          key={it.at}
          className={css.barOf}
          title={`${format.dateTime(new Date(it.at))}: ${say("throughput", { completed: it.completed, failed: it.failed })}`}
        >
          <span style={{ height: (it.failed / most) * HEIGHT, background: "var(--bad)" }} />
          <span style={{ height: (it.completed / most) * HEIGHT, background: "var(--accent)" }} />
        </span>
      ))}
    </div>
  );
}
