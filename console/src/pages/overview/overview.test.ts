import { expect, test } from "vitest";
import { stacked } from "./TrendChart";
import { seen } from "./visit";

test("a visit ends after half an hour without a look", () => {
  const minute = 60_000;
  const first = seen(undefined, 1_000_000_000);
  const again = seen(first, 1_000_000_000 + 10 * minute);
  expect(again.before).toBe(first.before);
  const later = seen(again, 1_000_000_000 + 100 * minute);
  expect(later.before).toBe(again.last);
});

test("days are as far apart as they are, and the highest fills the picture", () => {
  const day = (day: string, critical: number, low: number) => ({
    day,
    artifacts: 1,
    vulnerabilities: { critical, high: 0, medium: 0, low, other: 0 },
    fixable: 0,
    denied: 0,
  });
  const bars = stacked([day("2026-11-01", 1, 3), day("2026-11-03", 2, 0)], 90, 100);
  expect(bars.map((it) => Math.round(it.x))).toEqual([0, 60]);
  expect(bars[0]?.parts).toEqual([
    { severity: "critical", y: 75, height: 25 },
    { severity: "low", y: 0, height: 75 },
  ]);
  expect(bars[1]?.parts).toEqual([{ severity: "critical", y: 50, height: 50 }]);
});
