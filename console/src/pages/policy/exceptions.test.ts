import { expect, test } from "vitest";
import type { Exception } from "~/api/types";
import { dayOf, endOf, endText, urgencyOf } from "~/parts/ending";
import { chosen, conditionsOf, pasted, standingOf } from "./exceptions";

const NOW = new Date("2026-11-22T12:00:00Z");

const exception = (more: Partial<Exception>): Exception => ({
  id: 1,
  everywhere: false,
  vulnerability: "CVE-2024-1",
  reason: "not reachable",
  author: "user/anna",
  created_at: "2026-01-01T00:00:00Z",
  expired: false,
  matched_at: "2026-11-20T00:00:00Z",
  ...more,
});

test("a pasted list is taken apart, each id once, and what is no id is named", () => {
  expect(pasted(" CVE-2024-1, CVE-2024-2;\nCVE-2024-1  GHSA-* <b>、CVE-2024-3")).toEqual({
    ids: ["CVE-2024-1", "CVE-2024-2", "GHSA-*", "CVE-2024-3"],
    unreadable: ["<b>"],
  });
  expect(pasted(" \n")).toEqual({ ids: [], unreadable: [] });
});

test("an exception is over, about to end, without use, or holds", () => {
  expect(standingOf(exception({ expires_at: "2026-11-22T11:59:59Z" }), NOW)).toBe("over");
  expect(standingOf(exception({ expires_at: "2026-12-01T00:00:00Z" }), NOW)).toBe("soon");
  expect(standingOf(exception({ expires_at: "2027-12-01T00:00:00Z" }), NOW)).toBe("later");
  expect(standingOf(exception({}), NOW)).toBe("never");
  expect(standingOf(exception({ matched_at: null }), NOW)).toBe("unused");
  // It was made a moment ago: nothing was judged by it yet.
  expect(standingOf(exception({ matched_at: null, created_at: NOW.toISOString() }), NOW)).toBe("never");
});

test("what ends first stands first, and what is over last", () => {
  const all = [
    exception({ id: 1 }),
    exception({ id: 2, expires_at: "2026-11-01T00:00:00Z", expired: true }),
    exception({ id: 3, expires_at: "2026-11-30T00:00:00Z", author: "user/berta" }),
    exception({ id: 4, expires_at: "2027-11-30T00:00:00Z" }),
  ];
  const ids = (filter: { q?: string; standing?: string }) =>
    chosen(all, { q: "", standing: "", ...filter }, NOW).map((it) => it.id);
  expect(ids({})).toEqual([3, 4, 1, 2]);
  expect(ids({ standing: "holding" })).toEqual([3, 4, 1]);
  expect(ids({ standing: "soon" })).toEqual([3]);
  expect(ids({ q: "BERTA" })).toEqual([3]);
});

test("only the conditions that it names", () => {
  expect(conditionsOf({ package: "pkg:deb/debian/zlib1g", repository: "", tags: null })).toEqual([
    { key: "package", value: "pkg:deb/debian/zlib1g" },
  ]);
});

test("ends are written to the second, and a day counts to its end", () => {
  expect(endText({ kind: "days", days: 1 }, NOW)).toBe("2026-11-23T12:00:00Z");
  expect(endText({ kind: "never" }, NOW)).toBeUndefined();
  expect(endText({ kind: "day", day: "" }, NOW)).toBeUndefined();
  const end = endOf({ kind: "day", day: "2026-11-30" }, NOW);
  expect(end && dayOf(end)).toBe("2026-11-30");
  expect(end?.getHours()).toBe(23);
  expect(urgencyOf(null, NOW)).toBe("never");
});
