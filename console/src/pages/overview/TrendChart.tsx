// Vulnerabilities by severity, a bar for each day. A table says the same to screen readers.
import type { Severity, TrendDay } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { parts } from "~/i18n/words/parts";
import css from "./overview.module.css";

const STACK = ["critical", "high", "medium", "low"] as const satisfies Severity[];
const DAY_MILLISECONDS = 86_400_000;

interface Bar {
  day: TrendDay;
  x: number;
  width: number;
  parts: { severity: Severity; y: number; height: number }[];
}

/** Where each day's bar stands in a box: the worst at the bottom, days without a count left out. */
export function stacked(days: TrendDay[], width: number, height: number): Bar[] {
  const times = days.map((it) => Date.parse(it.day));
  const first = times[0] ?? 0;
  const slots = Math.round(((times.at(-1) ?? first) - first) / DAY_MILLISECONDS) + 1;
  const slot = width / slots;
  const total = (day: TrendDay) => STACK.reduce((sum, it) => sum + day.vulnerabilities[it], 0);
  const most = Math.max(1, ...days.map(total));
  return days.map((day, place) => {
    let y = height;
    const parts = STACK.filter((it) => day.vulnerabilities[it] > 0).map((severity) => {
      const part = (day.vulnerabilities[severity] / most) * height;
      y -= part;
      return { severity, y, height: part };
    });
    const x = (((times[place] ?? first) - first) / DAY_MILLISECONDS) * slot;
    return { day, x, width: Math.max(1, slot * 0.82), parts };
  });
}

const WIDTH = 600;
const HEIGHT = 150;

export function TrendChart({ days }: { days: TrendDay[] }) {
  const say = useWords(overview);
  const word = useWords(parts);
  const format = useFormat();
  if (days.length < 2) return <div className="dim">{say("trendLittle")}</div>;
  const date = (day: TrendDay) => format.date(new Date(`${day.day}T00:00:00`));
  return (
    <>
      <svg
        className={css.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {stacked(days, WIDTH, HEIGHT).map((bar) => (
          <g key={bar.day.day}>
            <rect x={bar.x} y={0} width={bar.width} height={HEIGHT} fill="transparent">
              <title>{say("trendDay", { day: date(bar.day), ...bar.day.vulnerabilities })}</title>
            </rect>
            {bar.parts.map((part) => (
              <rect
                key={part.severity}
                x={bar.x}
                y={part.y}
                width={bar.width}
                height={part.height}
                fill={`var(--${part.severity})`}
                pointerEvents="none"
              />
            ))}
          </g>
        ))}
      </svg>
      <div className={css.axis} aria-hidden="true">
        <span>{days[0] && date(days[0])}</span>
        <span>{days.at(-1) && date(days.at(-1) as TrendDay)}</span>
      </div>
      <table className="unseen">
        <caption>{say("trend")}</caption>
        <thead>
          <tr>
            <th />
            {STACK.map((it) => (
              <th key={it}>{word(it)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((it) => (
            <tr key={it.day}>
              <th>{date(it)}</th>
              {STACK.map((severity) => (
                <td key={severity}>{format.number(it.vulnerabilities[severity])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
