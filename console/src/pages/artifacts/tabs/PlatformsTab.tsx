// The images of an index: each platform with what was found in it, and their sum.
import { Link } from "react-router";
import { to } from "~/addresses";
import type { ArtifactOverview, FindingSummary } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { Digest } from "~/parts/Copy";
import { countsOf, SeverityBadge, SeverityBar } from "~/parts/Severity";
import { StateWord } from "~/parts/StateWord";
import type { ArtifactTabProps } from "../artifact";
import { ListedVerdict } from "../VerdictCell";
import css from "./tabs.module.css";

type Platform = ArtifactOverview["platforms"][number];

const LEVELS = ["critical", "high", "medium", "low"] as const;

export default function PlatformsTab({ overview }: ArtifactTabProps) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const word = useWords(parts);
  return (
    <div className="stack">
      <div className={css.scroll}>
        <table className={css.matrix}>
          <caption className="unseen">{say("platforms")}</caption>
          <thead>
            <tr>
              <th scope="col">{say("platform")}</th>
              <th scope="col">{lists("level")}</th>
              {LEVELS.map((it) => (
                <th key={it} scope="col" className="number">
                  {word(it)}
                </th>
              ))}
              <th scope="col" className="number">
                {say("other")}
              </th>
              <th scope="col" className="number">
                {word("total")}
              </th>
              <th scope="col" className="number">
                {word("fixable")}
              </th>
              <th scope="col">{lists("verdict")}</th>
              <th scope="col">{lists("digest")}</th>
            </tr>
          </thead>
          <tbody>
            {overview.platforms.map((it) => (
              <PlatformRow key={it.digest} platform={it} overview={overview} />
            ))}
          </tbody>
          {overview.sum && (
            <tfoot>
              <tr>
                <th scope="row">{say("sum")}</th>
                <td />
                <Numbers summary={overview.sum} />
                <td />
                <td />
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      <p className="dim">{say("platformsHelp")}</p>
    </div>
  );
}

function PlatformRow({ platform, overview }: { platform: Platform; overview: ArtifactOverview }) {
  const say = useWords(words);
  const { namespace, repository } = overview.artifact;
  const { summary, scan } = platform;
  const name = platform.platform ?? say("unknownPlatform");
  return (
    <tr>
      <th scope="row">
        {platform.present ? (
          <Link to={to.artifact(namespace, repository, platform.digest)}>{name}</Link>
        ) : (
          <span>
            {name} <span className="dim">{say("notPresent")}</span>
          </span>
        )}
      </th>
      <td>
        {summary ? (
          <div className={css.level}>
            {summary.highest ? <SeverityBadge severity={summary.highest} /> : <span>{say("clean")}</span>}
            {summary.total > 0 && <SeverityBar counts={countsOf(summary)} height={6} />}
          </div>
        ) : (
          scan && <StateWord state={scan.state} />
        )}
      </td>
      {summary ? <Numbers summary={summary} /> : <td colSpan={7} />}
      <td>
        <ListedVerdict
          artifact={{ namespace, repository, digest: platform.digest, verdict: platform.verdict }}
        />
      </td>
      <td>
        <Digest digest={platform.digest} />
      </td>
    </tr>
  );
}

function Numbers({ summary }: { summary: FindingSummary }) {
  const format = useFormat();
  const numbers = [...LEVELS.map((it) => summary[it]), summary.other, summary.total, summary.fixable];
  return (
    <>
      {numbers.map((it, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a table do not move
        <td key={place} className={`number ${it === 0 ? "dim" : ""}`}>
          {format.number(it)}
        </td>
      ))}
    </>
  );
}
