// How fresh the vulnerability database is: what is healthy in one line, what is not by name.
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import { Link } from "react-router";
import { answer, api } from "~/api/client";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { Loading } from "~/parts/States";
import { TimeAgo, useNow } from "~/parts/Values";
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

type Found = NonNullable<Awaited<ReturnType<typeof read>>>;
const read = async () => answer(api.GET("/database"));

function Feeds({ found }: { found: Found }) {
  const say = useWords(overview);
  const format = useFormat();
  const now = useNow();
  const bad = found.feeds.filter((it) => it.health === "bad");
  const never = found.feeds.filter((it) => it.health === "never");
  const good = found.feeds.length - bad.length - never.length;
  return (
    <ul className={css.list}>
      {found.built_at && (
        <li>
          <span>{say("built", { time: format.relative(new Date(found.built_at), now) })}</span>
          <span className="mono dim">#{found.sequence}</span>
        </li>
      )}
      {good > 0 && (
        <li>
          <span className="row">
            <CircleCheck size={14} color="var(--good)" aria-hidden="true" />
            {say("feedsGood", { count: good })}
          </span>
        </li>
      )}
      {never.length > 0 && (
        <li>
          <span className="row">
            <CircleDashed size={14} color="var(--text-dim)" aria-hidden="true" />
            {say("feedNever", { count: never.length })}
          </span>
        </li>
      )}
      {bad.length > 0 && (
        <li>
          <span className="row">
            <CircleAlert size={14} color="var(--bad)" aria-hidden="true" />
            {say("feedsBad", { count: bad.length })}
          </span>
        </li>
      )}
      {bad.slice(0, 5).map((it) => (
        <li key={it.name}>
          <span className={css.name}>{it.title}</span>
          <TimeAgo time={it.accepted_at} />
        </li>
      ))}
    </ul>
  );
}
