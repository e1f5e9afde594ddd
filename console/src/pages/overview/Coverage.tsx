// How much is known: what was not scanned, could not be, or not wholly.
import { Link } from "react-router";
import type { Overview, ScanState } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { StateWord } from "~/parts/StateWord";
import css from "./overview.module.css";

const STATES: ScanState[] = [
  "complete",
  "scanning",
  "queued",
  "failed",
  "not_scanned",
  "stopped",
  "not_supported",
];

export function Coverage({ found }: { found: Overview }) {
  const say = useWords(overview);
  const format = useFormat();
  const { coverage } = found;
  // What cannot be scanned is no gap.
  const able = STATES.filter((it) => it !== "not_supported").reduce((sum, it) => sum + coverage[it], 0);
  const rows = STATES.filter((it) => it === "complete" || coverage[it] > 0);
  return (
    <section className="card" aria-labelledby="coverage">
      <div className={css.head}>
        <h2 id="coverage">{say("coverage")}</h2>
        {able > 0 && (
          <span className={css.note}>
            {say("covered", { share: format.percent(coverage.complete / able) })}
          </span>
        )}
      </div>
      <ul className={css.list}>
        {rows.map((it) => (
          <li key={it}>
            <StateWord state={it} />
            <Link to={`/artifacts?state=${it}`}>{format.number(coverage[it])}</Link>
          </li>
        ))}
        {coverage.incomplete > 0 && (
          <li>
            {say("incomplete")}
            <Link to="/artifacts?incomplete=yes">{format.number(coverage.incomplete)}</Link>
          </li>
        )}
        {coverage.end_of_life > 0 && (
          <li>
            {say("endOfLife")}
            <Link to="/artifacts?end_of_life=yes">{format.number(coverage.end_of_life)}</Link>
          </li>
        )}
      </ul>
    </section>
  );
}
