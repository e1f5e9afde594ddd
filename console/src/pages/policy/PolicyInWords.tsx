// A policy as sentences: what is refused, what is warned of, and who is spared.
import { ShieldX, TriangleAlert } from "lucide-react";
import type { Severity } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { policyWords } from "~/i18n/words/policy";
import { type Policy, type Rule, rulesOf, stageOf } from "./policy";
import css from "./policy.module.css";

export function PolicyInWords({ policy }: { policy: Policy }) {
  const say = useWords(policyWords);
  const format = useFormat();
  const stage = stageOf(policy);
  const sentence = useSentence();
  const conditions = useConditions(policy);
  const rules = rulesOf(policy);
  if (rules.length === 0) return <p className="dim">{say("asksNothing")}</p>;
  return (
    <ul className={css.rules}>
      {rules.map((rule) => {
        const isHard = rule.action === "deny";
        const Icon = isHard ? ShieldX : TriangleAlert;
        const word = isHard ? say(stage === "try" ? "wouldRefuse" : "refuses") : say("warnsOf");
        return (
          <li key={rule.key} className={css.rule}>
            <span className={css.action} data-action={rule.action}>
              <Icon size={13} aria-hidden="true" />
              {word}
            </span>
            <span>
              {sentence(rule)}
              {rule.hasConditions && conditions.length > 0 && (
                <span className="dim"> · {conditions.join(" · ")}</span>
              )}
            </span>
          </li>
        );
      })}
      {policy.spare_pulled_days !== null && (
        <li className="dim">{say("if.spared", { count: policy.spare_pulled_days })}</li>
      )}
      {policy.scanners.length > 0 && (
        <li className="dim">{say("if.scanners", { accounts: format.list(policy.scanners) })}</li>
      )}
    </ul>
  );
}

function useSentence(): (rule: Rule) => string {
  const say = useWords(policyWords);
  const word = useWords(parts);
  const format = useFormat();
  return (rule) => {
    switch (rule.key) {
      case "severity": {
        const severity = word(rule.severity ?? "critical");
        return rule.severity === "critical"
          ? say("rule.severityOnly", { severity })
          : say("rule.severity", { severity });
      }
      case "epss":
        return say("rule.epss", { probability: format.percent(rule.probability ?? 0, 1) });
      case "staleDatabase":
        return say("rule.staleDatabase", { count: rule.days ?? 0 });
      default:
        return say(`rule.${rule.key}`);
    }
  };
}

/** Which findings count for the rules on findings. */
function useConditions(policy: Policy): string[] {
  const say = useWords(policyWords);
  const word = useWords(parts);
  const conditions: string[] = [];
  if (policy.only_fixable) conditions.push(say("if.fixable"));
  if (policy.fix_age_days !== null) conditions.push(say("if.fixAge", { count: policy.fix_age_days }));
  for (const [severity, days] of Object.entries(policy.grace_days)) {
    const length = say("daysCount", { count: days });
    conditions.push(say("if.grace", { days: length, severity: word(severity as Severity) }));
  }
  return conditions;
}
