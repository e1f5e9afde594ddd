import { expect, test } from "vitest";
import { FINDING_FILTERS, isFiltered, membersOf, queryOf } from "./query";

test("what is not filtered is not asked for", () => {
  expect(Object.values(queryOf(FINDING_FILTERS)).filter((it) => it !== undefined)).toEqual([]);
});

test("the words of the address become the interface's", () => {
  const state = { ...FINDING_FILTERS, fixable: "no", epss: "100", layer: "sha256:ab", suppressed: "yes" };
  expect(queryOf(state)).toMatchObject({ fixable: false, epss: 100, diff_id: "sha256:ab", suppressed: true });
});

test("order and grouping filter nothing", () => {
  expect(isFiltered({ ...FINDING_FILTERS, sort: "epss", by: "package", suppressed: "yes" })).toBe(false);
  expect(isFiltered({ ...FINDING_FILTERS, path: "usr" })).toBe(true);
});

test("a group leads to its findings", () => {
  expect(membersOf("package", "openssl")).toEqual({ package: "openssl" });
  expect(membersOf("layer", "sha256:ab")).toEqual({ layer: "sha256:ab" });
  expect(membersOf("vulnerability", "CVE-1")).toEqual({ q: "CVE-1" });
});
