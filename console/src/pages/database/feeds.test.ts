import { expect, test } from "vitest";
import type { DatabaseFeed } from "~/api/types";
import { feedOf, feedState, feedsShown, isOld } from "./feeds";

const NOW = new Date("2026-11-22T12:00:00Z");

const feed = (more: Partial<DatabaseFeed>): DatabaseFeed =>
  feedOf({ name: "debian", title: "Debian", health: "good", accepted_at: "2026-11-22T06:00:00Z", ...more });

test("a feed is good, bad, late by its own period, or never fetched", () => {
  expect(feedState(feed({}), NOW)).toBe("good");
  expect(feedState(feed({ health: "bad" }), NOW)).toBe("bad");
  expect(feedState(feed({ accepted_at: "2026-11-18T06:00:00Z" }), NOW)).toBe("late");
  expect(feedState(feed({ accepted_at: "2026-11-18T06:00:00Z", every_hours: 168 }), NOW)).toBe("good");
  expect(feedState(feed({ health: "never", accepted_at: null }), NOW)).toBe("never");
});

test("what deserves a look stands first", () => {
  const feeds = [
    feed({ name: "a" }),
    feed({ name: "c", health: "bad" }),
    feed({ name: "b", health: "never", accepted_at: null }),
  ];
  expect(feedsShown(feeds, { q: "", state: "" }, NOW).map((it) => it.name)).toEqual(["c", "b", "a"]);
  expect(feedsShown(feeds, { q: "", state: "bad" }, NOW).map((it) => it.name)).toEqual(["c"]);
  expect(feedsShown([feed({ title: "Alpine" })], { q: "ALP", state: "" }, NOW)).toHaveLength(1);
});

test("a database without a date is old", () => {
  expect(isOld(undefined, NOW)).toBe(true);
  expect(isOld("2026-11-16T12:00:00Z", NOW)).toBe(false);
  expect(isOld("2026-11-14T12:00:00Z", NOW)).toBe(true);
});
