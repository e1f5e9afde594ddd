// The rules of a policy with what each says of an artifact: what spoke, and what had nothing to say.
import type { Answer } from "~/api/types";
import type { Reason } from "~/parts/VerdictBadge";

export const RULES = [
  "max-severity",
  "known-exploited",
  "likely-exploited",
  "unscanned",
  "incomplete",
  "end-of-life",
  "unsupported",
  "stale-database",
  "unused-exception",
] as const;

export type Rule = (typeof RULES)[number];

export interface RuleAnswer {
  rule: string;
  /** Nothing where the rule is not asked by the policy. */
  answer: Answer | "unknown" | undefined;
  reasons: Reason[];
}

/** The words of a policy, which the interface leaves open. */
export type Policy = Record<string, unknown>;

/** Whether a policy asks a rule at all. */
export function isAsked(rule: Rule, policy: Policy): boolean {
  switch (rule) {
    case "max-severity":
      return policy.severity != null;
    case "likely-exploited":
      return policy.epss != null;
    case "unused-exception":
      return policy.unused_exceptions !== "allow";
    default:
      return policy[rule.replaceAll("-", "_")] !== "allow";
  }
}

/** Those that say nothing of an image as long as nobody has looked into it. */
const NEED_REPORT: readonly string[] = [
  "max-severity",
  "known-exploited",
  "likely-exploited",
  "incomplete",
  "end-of-life",
  "unused-exception",
];

const ANSWERS: Answer[] = ["deny", "warn", "allow"];
const ORDER = ["deny", "warn", "unknown", "allow"];

/** Every rule with its answer, those that stand in the way first. Without a report silence is no "passed". */
export function answersOf(reasons: Reason[], policy: Policy | undefined, hasReport: boolean): RuleAnswer[] {
  const rules = [...new Set([...RULES, ...reasons.map((it) => it.rule)])];
  const answers = rules.map((rule): RuleAnswer => {
    const said = reasons.filter((it) => it.rule === rule);
    const worst = ANSWERS.find((answer) => said.some((it) => it.outcome === answer));
    const known = RULES.find((it) => it === rule);
    const isSilent = known && policy && !isAsked(known, policy);
    const passed = hasReport || !NEED_REPORT.includes(rule) ? "allow" : "unknown";
    return { rule, answer: worst ?? (isSilent ? undefined : passed), reasons: said };
  });
  const place = (it: RuleAnswer) => (it.answer === undefined ? ORDER.length : ORDER.indexOf(it.answer));
  return answers.sort((one, other) => place(one) - place(other));
}
