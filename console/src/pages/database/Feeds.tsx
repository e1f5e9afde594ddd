// The feeds: how each fares, how old its data is, and when it is asked next.
import { CircleAlert, CircleCheck, CircleDashed, Clock3, type LucideIcon } from "lucide-react";
import { useMemo } from "react";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { DatabaseFeed } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { databaseWords } from "~/i18n/words/database";
import { parts } from "~/i18n/words/parts";
import { plain, SafeLink } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { Empty, Failure, Loading } from "~/parts/States";
import { TimeAgo, useNow } from "~/parts/Values";
import css from "./database.module.css";
import { type FeedState, feedState, feedsShown } from "./feeds";

const DEFAULTS = { q: "", state: "" };
const STATES = ["bad", "late", "never", "good"] as const;

export function Feeds({ feeds }: { feeds: DatabaseFeed[] }) {
  const say = useWords(databaseWords);
  const now = useNow();
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const rows = useMemo(() => feedsShown(feeds, state, now), [feeds, state, now]);
  return (
    <DataTable
      id="feeds"
      label={say("feeds")}
      columns={useFeedColumns()}
      rows={rows}
      rowKey={(row) => row.name}
      rowLabel={(row) => row.title}
      details={(row) => <FeedDetails feed={row} />}
      toolbar={
        <>
          <TextFilter label={say("filterFeeds")} value={state.q} onChange={(q) => change({ q })} />
          <ChoiceFilter
            label={say("health")}
            value={state.state}
            onChange={(next) => change({ state: next })}
            choices={STATES.map((it) => ({ value: it, label: say(`is.${it}`) }))}
          />
          <ClearFilters isChanged={isChanged} clear={clear} />
        </>
      }
      empty={<Empty title={say(isChanged ? "noFeedFits" : "noFeeds")} />}
    />
  );
}

const LOOKS: Record<FeedState, [LucideIcon, string]> = {
  good: [CircleCheck, "var(--good-text)"],
  bad: [CircleAlert, "var(--bad-text)"],
  late: [Clock3, "var(--warn-text)"],
  never: [CircleDashed, "var(--text-dim)"],
};

function Health({ feed }: { feed: DatabaseFeed }) {
  const say = useWords(databaseWords);
  const state = feedState(feed, useNow());
  const [Icon, color] = LOOKS[state];
  return (
    <span className={css.health} style={{ color }} title={feed.why ?? undefined}>
      <Icon size={14} aria-hidden="true" />
      {say(`is.${state}`)}
    </span>
  );
}

function useFeedColumns(): Column<DatabaseFeed>[] {
  const say = useWords(databaseWords);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "feed",
        title: say("feed"),
        width: "minmax(170px, 2fr)",
        cell: (row) => (
          <span>
            {row.title}
            {row.title !== row.name && <span className={css.second}>{row.name}</span>}
          </span>
        ),
      },
      { key: "health", title: say("health"), width: "112px", cell: (row) => <Health feed={row} /> },
      {
        key: "newest",
        title: say("newest"),
        width: "112px",
        cell: (row) => (row.newest ? <TimeAgo time={row.newest} /> : <span className="dim">–</span>),
      },
      {
        key: "accepted",
        title: say("accepted"),
        width: "112px",
        cell: (row) =>
          row.accepted_at ? <TimeAgo time={row.accepted_at} /> : <span className="dim">–</span>,
      },
      { key: "next", title: say("next"), width: "104px", cell: (row) => <Next feed={row} /> },
      {
        key: "records",
        title: say("records"),
        width: "76px",
        align: "end",
        cell: (row) => format.number(row.records),
      },
      {
        key: "advisories",
        title: say("advisories"),
        width: "100px",
        align: "end",
        isExtra: true,
        cell: (row) => format.number(row.advisories),
      },
      {
        key: "quarantined",
        title: say("quarantined"),
        width: "92px",
        align: "end",
        cell: (row) => (
          <span className={row.quarantined > 0 ? css.warn : "dim"}>{format.number(row.quarantined)}</span>
        ),
      },
    ],
    [say, format],
  );
}

function Next({ feed }: { feed: DatabaseFeed }) {
  const say = useWords(databaseWords);
  const now = useNow();
  if (!feed.next_at) return <span className="dim">–</span>;
  if (new Date(feed.next_at) <= now) return <span>{say("due")}</span>;
  return <TimeAgo time={feed.next_at} />;
}

function FeedDetails({ feed }: { feed: DatabaseFeed }) {
  const say = useWords(databaseWords);
  const format = useFormat();
  const facts: [string, React.ReactNode][] = [
    ...(feed.why ? [[say("why"), plain(feed.why)] as [string, React.ReactNode]] : []),
    [say("source"), feed.source ? <SafeLink key="source" href={feed.source} /> : "–"],
    [say("tried"), <TimeAgo key="tried" time={feed.tried_at} />],
    [say("every"), say("hours", { count: feed.every_hours })],
    [say("outOfScope"), format.number(feed.out_of_scope)],
    [say("advisories"), format.number(feed.advisories)],
    [say("licence"), feed.licence ? plain(feed.licence) : "–"],
    ...(feed.kept_realms.length > 0
      ? [[say("kept"), format.list(feed.kept_realms)] as [string, React.ReactNode]]
      : []),
  ];
  return (
    <div className="stack">
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {feed.quarantined > 0 && <Quarantined feed={feed.name} />}
    </div>
  );
}

/** Records that could not be read: nobody is told less than there is. */
function Quarantined({ feed }: { feed: string }) {
  const say = useWords(databaseWords);
  const word = useWords(parts);
  const list = usePages(["database", "quarantined", feed], (cursor, signal) =>
    answer(
      api.GET("/database/feeds/{feed}/quarantined", {
        params: { path: { feed }, query: { cursor, limit: 100 } },
        signal,
      }),
    ),
  );
  if (list.error && list.items.length === 0) return <Failure error={list.error} again={list.again} />;
  if (list.isPending) return <Loading rows={3} />;
  return (
    <section>
      <h2 className={css.heading}>{say("quarantinedRecords")}</h2>
      <p className="dim">{say("quarantinedText")}</p>
      <ul className={css.records}>
        {list.items.map((it) => (
          <li key={`${it.record} ${it.why}`}>
            <code>{plain(it.record)}</code> <span className="dim">{plain(it.why)}</span>
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <button type="button" className={css.more} disabled={list.isReadingMore} onClick={list.more}>
          {word("loadMore")}
        </button>
      )}
    </section>
  );
}
