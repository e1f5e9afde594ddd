import { expect, test } from "vitest";
import type { PullCheck } from "~/api/types";
import { standingOf } from "./pullCheck";

const finding = {
  vulnerability: "CVE-1",
  severity: "high",
  package: "zlib",
  version: "1",
  fixed_version: null,
};
const check = {
  answer: "deny",
  reasons: [{ rule: "unscanned", outcome: "deny", what: "not scanned", count: 1, findings: [finding] }],
} as unknown as PullCheck;

test("what refuses a pull counts though no verdict is written down", () => {
  const standing = standingOf(check);
  expect(standing?.answer).toBe("deny");
  expect(standing?.reasons[0]?.findings?.[0]?.id).toBe("CVE-1");
});

test("what lets it pass, or says nothing, is no verdict", () => {
  expect(standingOf(undefined)).toBeUndefined();
  expect(standingOf({ ...check, answer: null })).toBeUndefined();
  expect(standingOf({ ...check, answer: "allow" })).toBeUndefined();
});
