// Feeds of the database as the page judges them. Pure.
import type { DatabaseFeed } from "~/api/types";

/** What deserves a look: a feed that failed, one that nobody has fetched, or one that is long due. */
export type FeedState = "good" | "bad" | "late" | "never";

/** So many times its own period without anything accepted is late. */
const LATE_PERIODS = 3;

export function feedState(feed: DatabaseFeed, now: Date): FeedState {
  if (feed.health === "bad") return "bad";
  if (!feed.accepted_at) return feed.health === "never" ? "never" : "good";
  const age = now.getTime() - new Date(feed.accepted_at).getTime();
  return age > LATE_PERIODS * feed.every_hours * 3_600_000 ? "late" : "good";
}

const ORDER: Record<FeedState, number> = { bad: 0, late: 1, never: 2, good: 3 };

/** Those that fit, what deserves a look first. */
export function feedsShown(
  feeds: DatabaseFeed[],
  filter: { q: string; state: string },
  now: Date,
): DatabaseFeed[] {
  const text = filter.q.toLowerCase();
  return feeds
    .filter((it) => filter.state === "" || feedState(it, now) === filter.state)
    .filter((it) => it.name.includes(text) || it.title.toLowerCase().includes(text))
    .sort(
      (one, other) =>
        ORDER[feedState(one, now)] - ORDER[feedState(other, now)] || one.name.localeCompare(other.name),
    );
}

/** The status as it comes: what an older server leaves out has its usual value. */
export function feedOf(given: Partial<DatabaseFeed> & { name: string }): DatabaseFeed {
  return {
    title: given.name,
    health: given.newest === undefined ? "never" : "good",
    every_hours: 24,
    records: 0,
    quarantined: 0,
    out_of_scope: 0,
    advisories: 0,
    kept_realms: [],
    ...given,
  };
}

/** Whether a database is so old that people should know. */
export const OLD_DAYS = 7;

export function isOld(builtAt: string | null | undefined, now: Date): boolean {
  if (!builtAt) return true;
  return now.getTime() - new Date(builtAt).getTime() > OLD_DAYS * 86_400_000;
}
