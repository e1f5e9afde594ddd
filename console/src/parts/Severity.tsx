// How bad something is: a word, a glyph and a colour; never the colour alone.
import { SEVERITIES, type Severity } from "~/api/types";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./severity.module.css";

/** How many of the glyph's four bars are filled. */
const BARS: Record<Severity, number> = { critical: 4, high: 3, medium: 2, low: 1, negligible: 0, unknown: 0 };

/** The rising bars from one to before another, as one shape. */
function barsOf(from: number, end: number): string {
  return [0, 1, 2, 3]
    .slice(from, end)
    .map((place) => `M${place * 3.1} ${8 - place * 2.5}h2.3V11.5h-2.3z`)
    .join("");
}

/** Four rising bars, as many of them filled as it is bad; a question mark where nobody knows. */
export function SeverityGlyph({ severity, size = 12 }: { severity: Severity; size?: number }) {
  const color = `var(--${severity})`;
  return (
    <svg className={css.glyph} width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      {severity === "unknown" ? (
        <text x="6" y="10.5" textAnchor="middle" fontSize="12" fontWeight="700" fill={color}>
          ?
        </text>
      ) : (
        <>
          <path d={barsOf(0, BARS[severity])} fill={color} />
          <path d={barsOf(BARS[severity], 4)} fill={color} opacity="0.28" />
        </>
      )}
    </svg>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  const say = useWords(parts);
  return (
    <span
      className={css.badge}
      style={{ background: `var(--${severity}-soft)`, color: `var(--${severity}-text)` }}
    >
      <SeverityGlyph severity={severity} />
      {say(severity)}
    </span>
  );
}

/** Counts by severity, as far as the server tells them apart. */
export type SeverityCounts = Partial<Record<Severity, number>>;

/** What is not told apart stands with the negligible ones. */
export function countsOf(summary: {
  critical: number;
  high: number;
  medium: number;
  low: number;
  other: number;
}): SeverityCounts {
  const { critical, high, medium, low, other } = summary;
  return { critical, high, medium, low, negligible: other };
}

/** A bar divided by severity. Only a picture: whoever uses it says the counts in words. */
export function SeverityBar({ counts, height = 8 }: { counts: SeverityCounts; height?: number }) {
  return (
    <span className={css.bar} style={{ height }} aria-hidden="true">
      {SEVERITIES.filter((it) => (counts[it] ?? 0) > 0).map((it) => (
        <span
          key={it}
          className={css.part}
          // The root: one critical beside a thousand low ones is still seen, and more is still more.
          style={{ flexGrow: Math.sqrt(counts[it] ?? 0), background: `var(--${it})` }}
        />
      ))}
    </span>
  );
}
