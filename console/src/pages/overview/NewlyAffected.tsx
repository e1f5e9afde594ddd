// What a new database found in images that were there before.
import { Link } from "react-router";
import { to } from "~/addresses";
import type { Overview } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { SeverityBadge } from "~/parts/Severity";
import css from "./overview.module.css";

export function NewlyAffected({ found, since }: { found: Overview; since: string }) {
  const { newly_affected: newly, newly_affected_is_cut: isCut } = found;
  const say = useWords(overview);
  const format = useFormat();
  return (
    <section className="card" aria-labelledby="newly">
      <div className={css.head}>
        <h2 id="newly">{say("newly")}</h2>
      </div>
      <div className={css.note}>{say("newlySince", { time: format.dateTime(new Date(since)) })}</div>
      {newly.length === 0 ? (
        <p className="dim">{say(isCut ? "newlyUnknown" : "newlyNone")}</p>
      ) : (
        <ul className={css.list}>
          {newly.map((it) => (
            <li key={it.vulnerability}>
              <span className={`row ${css.name}`}>
                <Link to={to.vulnerability(it.vulnerability)}>{it.vulnerability}</Link>
                <SeverityBadge severity={it.severity ?? "unknown"} />
              </span>
              <span className="nowrap dim">
                <Link to={to.vulnerability(it.vulnerability)} className="inText">
                  {say(it.is_more ? "moreArtifactsHave" : "artifactsHave", { count: it.artifacts })}
                </Link>
                {it.fixable && ` · ${say("fixable")}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      {newly.length > 0 && isCut && <p className="dim">{say("newlyMore")}</p>}
    </section>
  );
}
