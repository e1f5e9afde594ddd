import { expect, test } from "vitest";
import type { Reason } from "~/parts/VerdictBadge";
import { answersOf } from "./verdict";

const reason = (rule: string, outcome: Reason["outcome"]): Reason => ({ rule, outcome, what: rule });

test("every rule answers, those that stand in the way first", () => {
  const policy = { severity: "high", epss: null, known_exploited: "deny", unsupported: "allow" };
  const answers = answersOf([reason("end-of-life", "warn"), reason("max-severity", "deny")], policy, true);
  expect(answers.slice(0, 2).map((it) => it.rule)).toEqual(["max-severity", "end-of-life"]);
  expect(answers.find((it) => it.rule === "known-exploited")?.answer).toBe("allow");
  expect(answers.find((it) => it.rule === "unsupported")?.answer).toBeUndefined();
  expect(answers).toHaveLength(9);
});

test("a rule answers with the worst of its reasons", () => {
  const answers = answersOf(
    [reason("max-severity", "warn"), reason("max-severity", "deny")],
    undefined,
    true,
  );
  expect(answers[0]).toMatchObject({ rule: "max-severity", answer: "deny" });
  expect(answers[0]?.reasons).toHaveLength(2);
});

test("a rule that is new to us is shown all the same", () => {
  expect(answersOf([reason("phase-of-the-moon", "deny")], {}, true)[0]?.rule).toBe("phase-of-the-moon");
});

test("of an image that nobody has looked into no rule about its content has passed", () => {
  const answers = answersOf([reason("unscanned", "deny")], { severity: "high" }, false);
  const of = (rule: string) => answers.find((it) => it.rule === rule)?.answer;
  expect(of("unscanned")).toBe("deny");
  expect(of("max-severity")).toBe("unknown");
  expect(of("known-exploited")).toBe("unknown");
  expect(of("stale-database")).toBe("allow");
});
