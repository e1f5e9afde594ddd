import { expect, test } from "vitest";
import {
  asksOfFindings,
  BEGINNINGS,
  isSame,
  policyOf,
  previewOf,
  rulesOf,
  STAGES,
  severitiesWithGrace,
  stageOf,
  tidied,
  USUAL,
  withStage,
} from "./policy";

test("a document is made whole, and what we do not know in it stays", () => {
  const policy = policyOf({ severity: "high", of_tomorrow: true });
  expect(policy.severity).toBe("high");
  expect(policy.unscanned).toBe("deny");
  expect(policy).toHaveProperty("of_tomorrow", true);
  expect(policyOf(null)).toEqual(USUAL);
});

test("conditions of what nobody asks are left out: the server refuses them", () => {
  const policy = tidied({ ...USUAL, only_fixable: true, fix_age_days: 3, grace_days: { high: 3 } });
  expect(policy.only_fixable).toBe(false);
  expect(policy.fix_age_days).toBeNull();
  expect(policy.grace_days).toEqual({});
});

test("grace is for severities that can be denied", () => {
  expect(severitiesWithGrace({ ...USUAL, severity: "high" })).toEqual(["critical", "high"]);
  expect(severitiesWithGrace(USUAL)).toEqual([]);
  const policy = tidied({ ...USUAL, severity: "critical", grace_days: { critical: 7, low: 9, high: 0 } });
  expect(policy.grace_days).toEqual({ critical: 7 });
  expect(severitiesWithGrace({ ...USUAL, epss: { at_least: 0.1, action: "deny" } })).toContain("low");
});

test.each(STAGES)("the stage %s is two fields, and back", (stage) => {
  expect(stageOf(withStage(USUAL, stage))).toBe(stage);
});

test("a policy that warns refuses nothing in words either", () => {
  const rules = rulesOf({ ...USUAL, mode: "warn", severity: "low" });
  expect(rules.map((it) => it.action)).not.toContain("deny");
  expect(rulesOf({ ...USUAL, mode: "off" })).toEqual([]);
});

test("what is refused stands before what is warned of", () => {
  const actions = rulesOf(BEGINNINGS.careful).map((it) => it.action);
  expect(actions).toEqual([...actions].sort());
  expect(rulesOf(BEGINNINGS.careful)[0]).toMatchObject({ key: "severity", severity: "critical" });
});

test("every beginning is a policy that the server takes", () => {
  for (const policy of Object.values(BEGINNINGS)) {
    expect(tidied(policy)).toEqual(policy);
    expect(asksOfFindings(policy)).toBe(true);
  }
});

test("policies are compared by what they ask, not by the order of their words", () => {
  expect(
    isSame({ ...USUAL, severity: "high" }, Object.assign({ severity: "high" }, USUAL, { severity: "high" })),
  ).toBe(true);
  expect(isSame(USUAL, { ...USUAL, unscanned: "warn" })).toBe(false);
});

test("a preview of another form is none", () => {
  expect(previewOf(undefined).total).toEqual({ artifacts: 0, pulls: 0 });
  expect(previewOf({ denied: { artifacts: 2, pulls: 9 }, is_cut: true })).toMatchObject({
    denied: { artifacts: 2, pulls: 9 },
    isCut: true,
  });
});
