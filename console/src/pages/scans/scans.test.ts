import { expect, test } from "vitest";
import type { ScanEntry } from "~/api/types";
import { gathered, remainingSeconds, shortWhy, tookSeconds } from "./scans";

const NOW = new Date("2026-11-22T12:00:10Z");

const scan = (more: Partial<ScanEntry>): ScanEntry => ({
  id: 1,
  namespace: "team",
  repository: "app",
  digest: "sha256:0",
  state: "complete",
  asked_by: "system",
  asked_at: "2026-11-22T11:59:00Z",
  attempts: 1,
  ...more,
});

test("a scan takes from when a worker took it until its end, or until now", () => {
  const started_at = "2026-11-22T12:00:00Z";
  expect(tookSeconds(scan({ started_at, ended_at: "2026-11-22T12:00:04Z" }), NOW)).toBe(4);
  expect(tookSeconds(scan({ started_at, state: "scanning" }), NOW)).toBe(10);
  expect(tookSeconds(scan({ state: "queued" }), NOW)).toBeUndefined();
  expect(tookSeconds(scan({ started_at, state: "queued" }), NOW)).toBeUndefined();
});

test("what waits is done at the pace of the last hour", () => {
  expect(remainingSeconds({ queued: 9, scanning: 1, completed: 90, failed: 10 })).toBe(360);
  expect(remainingSeconds({ queued: 9, scanning: 1, completed: 0, failed: 0 })).toBeUndefined();
  expect(remainingSeconds({ queued: 0, scanning: 0, completed: 5, failed: 0 })).toBeUndefined();
});

test("minutes are gathered, and none is lost", () => {
  const minutes = Array.from({ length: 7 }, (_, place) => ({ at: String(place), completed: 1, failed: 2 }));
  const bars = gathered(minutes, 3);
  expect(bars.map((it) => it.at)).toEqual(["0", "3", "6"]);
  expect(bars.map((it) => it.completed)).toEqual([3, 3, 1]);
});

test("why a scan failed begins with the reason", () => {
  const digest = `sha256:${"ab".repeat(32)}`;
  expect(shortWhy(`2026-11-23T01:57:11Z layer ${digest} cannot be scanned: no room`)).toBe(
    "layer sha256:abababababab… cannot be scanned: no room",
  );
  expect(shortWhy("the scan was stopped")).toBe("the scan was stopped");
});
