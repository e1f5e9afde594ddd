import { expect, test, vi } from "vitest";
import { gatherer } from "./live";

test("a burst of events is one reading", () => {
  vi.useFakeTimers();
  const read: string[][] = [];
  const hear = gatherer((nouns) => read.push([...nouns].sort()), 100);
  for (let count = 0; count < 50; count++) hear("scan");
  hear("database");
  vi.advanceTimersByTime(100);
  hear("missed");
  vi.advanceTimersByTime(100);
  expect(read[0]).toEqual([
    "artifact",
    "artifacts",
    "database",
    "findings",
    "overview",
    "scans",
    "vulnerability",
  ]);
  expect(read[1]).toContain("namespaces");
  expect(read).toHaveLength(2);
  vi.useRealTimers();
});
