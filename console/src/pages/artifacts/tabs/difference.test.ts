import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bySeverity, differenceOf } from "./difference";

// The report crate's own golden difference: what the interface answers has this form.
const golden: unknown = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../../../../crates/plimsoll-report/testdata/diff.json`, "utf8"),
);

test("the document of the report crate is understood", () => {
  const found = differenceOf(golden);
  expect(found?.appeared.length).toBeGreaterThan(0);
  expect(found?.appeared.every((it) => it.id !== "" && it.name !== "")).toBe(true);
  expect(found?.from.name).not.toBe("");
  const moved = found?.moved ?? [];
  expect(moved.every((it) => it.from.length > 0 && it.to.length > 0)).toBe(true);
  expect([...(found?.added ?? []), ...(found?.removed ?? [])].every((it) => it.versions.length > 0)).toBe(
    true,
  );
});

test("something else is not taken for a difference", () => {
  for (const it of [null, [], "no", {}, { findings: 3 }]) expect(differenceOf(it)).toBeUndefined();
});

test("a severity that is new to us counts as unknown", () => {
  const found = differenceOf({ findings: { new: [{ id: "X", severity: "purple" }] }, packages: {} });
  expect(bySeverity(found?.appeared ?? [])).toEqual({ unknown: 1 });
});
