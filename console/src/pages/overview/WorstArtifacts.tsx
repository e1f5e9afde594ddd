// The ten images that need somebody first.
import { Link } from "react-router";
import { to } from "~/addresses";
import type { ArtifactListed } from "~/api/types";
import { useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { shortDigest } from "~/parts/Copy";
import { LevelCell } from "~/parts/LevelCell";
import { VerdictBadge } from "~/parts/VerdictBadge";
import css from "./overview.module.css";

/** An image as people call it: by its tag, or else by the beginning of its digest. */
export function imageName({ namespace, repository, tags, digest }: ArtifactListed): string {
  const reference = tags[0] === undefined ? `@${shortDigest(digest)}` : `:${tags[0]}`;
  return `${namespace}/${repository}${reference}`;
}

export function WorstArtifacts({ worst }: { worst: ArtifactListed[] }) {
  const say = useWords(overview);
  return (
    <section className="card" aria-labelledby="worst">
      <div className={css.head}>
        <h2 id="worst">{say("worst")}</h2>
        <Link to="/artifacts?sort=severity">{say("seeAll")}</Link>
      </div>
      {worst.length === 0 ? (
        <div className="dim">{say("worstNone")}</div>
      ) : (
        <ol className={`${css.list} ${css.worst}`}>
          {worst.map((it) => {
            const address = to.artifact(it.namespace, it.repository, it.digest);
            return (
              <li key={`${it.namespace}/${it.repository}@${it.digest}`}>
                <span className={`row ${css.name}`}>
                  <Link to={address}>{imageName(it)}</Link>
                  {it.verdict && it.verdict.answer !== "allow" && <VerdictBadge verdict={it.verdict} />}
                </span>
                <span className={css.level}>
                  <LevelCell scan={it.scan} summary={it.summary} to={address} />
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
