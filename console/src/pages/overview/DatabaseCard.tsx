// How fresh the vulnerability database is: what is healthy in one line, what is not by name.
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, Clock3, type LucideIcon } from "lucide-react";
import { Link } from "react-router";
import { answer, api } from "~/api/client";
import type { DatabaseStatus } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { Loading } from "~/parts/States";
import { TimeAgo, useNow } from "~/parts/Values";
import { type FeedState, feedOf, feedState } from "../database/feeds";
import css from "./overview.module.css";

export function DatabaseCard() {
  const say = useWords(overview);
  const query = useQuery({
    queryKey: ["database"],
    queryFn: ({ signal }) => answer(api.GET("/database", { signal })),
  });
  return (
    <section className="card" aria-labelledby="database">
      <div className={css.head}>
        <h2 id="database">{say("database")}</h2>
        <Link to="/database">{say("allFeeds")}</Link>
      </div>
      {query.isPending ? (
        <Loading rows={2} />
      ) : query.data?.present ? (
        <Feeds found={query.data} />
      ) : (
        say("noDatabase")
      )}
    </section>
  );
}

const LOOKS: Record<FeedState, [LucideIcon, string, "feedsGood" | "feedsLate" | "feedNever" | "feedsBad"]> = {
  good: [CircleCheck, "var(--good)", "feedsGood"],
  late: [Clock3, "var(--warn-text)", "feedsLate"],
  never: [CircleDashed, "var(--text-dim)", "feedNever"],
  bad: [CircleAlert, "var(--bad)", "feedsBad"],
};

/** So many of those that deserve a look are named. */
const NAMED_MAX = 5;

function Feeds({ found }: { found: DatabaseStatus }) {
  const say = useWords(overview);
  const format = useFormat();
  const now = useNow();
  const feeds = found.feeds.map(feedOf);
  const of = (state: FeedState) => feeds.filter((it) => feedState(it, now) === state);
  const states = (["good", "late", "never", "bad"] as const).filter((it) => of(it).length > 0);
  return (
    <ul className={css.list}>
      {found.built_at && (
        <li>
          <span>{say("built", { time: format.relative(new Date(found.built_at), now) })}</span>
          <span className="mono dim">#{found.sequence}</span>
        </li>
      )}
      {states.map((state) => {
        const [Icon, color, word] = LOOKS[state];
        return (
          <li key={state}>
            <Link className="row" to={`/database?state=${state}`}>
              <Icon size={14} color={color} aria-hidden="true" />
              {say(word, { count: of(state).length })}
            </Link>
          </li>
        );
      })}
      {[...of("bad"), ...of("late")].slice(0, NAMED_MAX).map((it) => (
        <li key={it.name}>
          <span className={css.name}>{it.title}</span>
          <TimeAgo time={it.accepted_at} />
        </li>
      ))}
    </ul>
  );
}
