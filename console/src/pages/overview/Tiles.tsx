// The four numbers above all others.
import { Link } from "react-router";
import type { Overview } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { parts } from "~/i18n/words/parts";
import { Figure } from "~/parts/Figure";
import { countsOf, SeverityBar, SeverityGlyph } from "~/parts/Severity";
import css from "./overview.module.css";

const LEVELS = ["critical", "high", "medium", "low"] as const;

export function Tiles({ found, days }: { found: Overview; days: number }) {
  const say = useWords(overview);
  const word = useWords(parts);
  const format = useFormat();
  const counts = found.vulnerabilities;
  const total = counts.critical + counts.high + counts.medium + counts.low + counts.other;
  return (
    <div className={`tiles ${css.tiles}`}>
      <Figure name={say("vulnerabilities")} value={format.number(total)} to="/artifacts?sort=severity">
        <span className={css.note}>
          {say("inArtifacts", { count: found.artifacts, artifacts: found.artifacts })}
        </span>
        <SeverityBar counts={countsOf(counts)} />
        <div className={css.legend}>
          {LEVELS.map((it) => (
            <Link
              key={it}
              to={`/artifacts?severity=${it}&sort=severity`}
              aria-label={`${word(it)}: ${counts[it]}`}
            >
              <SeverityGlyph severity={it} />
              {format.compact(counts[it])}
            </Link>
          ))}
        </div>
      </Figure>
      <Figure
        name={say("fixableShare")}
        value={found.fixable_share == null ? "–" : format.percent(found.fixable_share)}
        to="/artifacts?fixable=yes&sort=severity"
      >
        <span className={css.note}>{say("fixableOf", { fixable: found.fixable, total })}</span>
      </Figure>
      <Figure
        name={say("denied")}
        value={format.number(found.denied)}
        to="/artifacts?verdict=deny&sort=severity"
      >
        <Link className={css.note} to="/artifacts?verdict=warn&sort=severity">
          {say("warned", { count: found.warned })}
        </Link>
      </Figure>
      <Figure name={say("refused")} value={format.number(found.refused_pulls.pulls)} to="/refused-pulls">
        <span className={css.note}>{say("refusedOf", { count: found.refused_pulls.artifacts, days })}</span>
      </Figure>
    </div>
  );
}
