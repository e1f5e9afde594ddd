// Whether an image may be pulled, and why (not).

import { Tooltip } from "@mantine/core";
import { Check, CircleMinus, type LucideIcon, ShieldCheck, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Answer } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import severityCss from "./severity.module.css";
import css from "./state.module.css";

/** A reason of a verdict, as the interface tells it. */
export interface Reason {
  rule: string;
  outcome: Answer;
  what: string;
  count?: number;
  findings?: { id: string; severity: string; package: string; version: string; fixed_version?: string }[];
}

/** The reasons of a verdict: the interface leaves their form open, so that it is looked at here. */
export function reasonsOf(verdict: { reasons?: unknown }): Reason[] {
  const { reasons } = verdict;
  if (!Array.isArray(reasons)) return [];
  return reasons.filter(
    (it): it is Reason =>
      typeof it === "object" && it !== null && "what" in it && typeof it.what === "string",
  );
}

const LOOKS: Record<Answer | "excepted", [LucideIcon, string]> = {
  allow: [Check, "good"],
  warn: [TriangleAlert, "warn"],
  deny: [X, "bad"],
  excepted: [ShieldCheck, "low"],
};

interface VerdictBadgeProps {
  /** One that was not written down has no time since when it holds. */
  verdict?: { answer: Answer; decided_at?: string } | null;
  /** What pointing at it shows besides since when it holds. */
  card?: ReactNode;
  /** Allowed only because of an exception. */
  isExcepted?: boolean;
}

export function VerdictBadge({ verdict, card, isExcepted }: VerdictBadgeProps) {
  const say = useWords(parts);
  const format = useFormat();
  if (!verdict) {
    return (
      <span className={css.badge} style={{ color: "var(--text-dim)" }}>
        <CircleMinus size={13} aria-hidden="true" />
        {say("noVerdict")}
      </span>
    );
  }
  const word = isExcepted && verdict.answer !== "deny" ? "excepted" : verdict.answer;
  const [Icon, color] = LOOKS[word];
  const { decided_at: decided } = verdict;
  return (
    <Tooltip
      multiline
      disabled={!card && !decided}
      maw={420}
      classNames={{ tooltip: severityCss.tip }}
      label={
        <>
          {card}
          {decided && (
            <div className="dim">{say("verdictSince", { time: format.dateTime(new Date(decided)) })}</div>
          )}
        </>
      }
    >
      <span
        tabIndex={0}
        className={css.badge}
        style={{ background: `var(--${color}-soft)`, color: `var(--${color}-text)` }}
      >
        <Icon size={13} aria-hidden="true" />
        {say(word)}
      </span>
    </Tooltip>
  );
}
