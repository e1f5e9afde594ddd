// A policy as a value: read from the interface, made whole, and told in sentences. Pure.
import { SEVERITIES, type Severity } from "~/api/types";

export type Action = "allow" | "warn" | "deny";
export const ACTIONS: readonly Action[] = ["allow", "warn", "deny"];

/** A policy with every field; docs/policy.md says what each means. */
export interface Policy {
  mode: "off" | "warn" | "block";
  dry_run: boolean;
  severity: Severity | null;
  only_fixable: boolean;
  fix_age_days: number | null;
  grace_days: Partial<Record<Severity, number>>;
  unrated: Action;
  known_exploited: Action;
  epss: { at_least: number; action: Action } | null;
  unscanned: Action;
  unsupported: Action;
  incomplete: Action;
  end_of_life: Action;
  stale_database: Action;
  database_age_days: number;
  spare_pulled_days: number | null;
  unused_exceptions: Action;
  scanners: string[];
}

/** What holds for every field that a policy leaves out. */
export const USUAL: Policy = {
  mode: "block",
  dry_run: false,
  severity: null,
  only_fixable: false,
  fix_age_days: null,
  grace_days: {},
  unrated: "warn",
  known_exploited: "warn",
  epss: null,
  unscanned: "deny",
  unsupported: "allow",
  incomplete: "warn",
  end_of_life: "warn",
  stale_database: "warn",
  database_age_days: 7,
  spare_pulled_days: null,
  unused_exceptions: "allow",
  scanners: [],
};

/** Where a policy may begin. */
export const BEGINNINGS = {
  watch: { ...USUAL, dry_run: true, severity: "high", only_fixable: true, known_exploited: "deny" },
  careful: {
    ...USUAL,
    severity: "critical",
    only_fixable: true,
    grace_days: { critical: 7 },
    known_exploited: "deny",
    unscanned: "warn",
    spare_pulled_days: 7,
  },
  strict: {
    ...USUAL,
    severity: "high",
    known_exploited: "deny",
    epss: { at_least: 0.1, action: "deny" },
    incomplete: "deny",
    end_of_life: "deny",
    stale_database: "deny",
  },
} as const satisfies Record<string, Policy>;

/** A document as the interface gives it, made whole. What we do not know in it stays. */
export function policyOf(document: unknown): Policy {
  const given = typeof document === "object" && document !== null ? document : {};
  return { ...USUAL, ...given };
}

/** Whether the severities and what is likely are asked about at all: the conditions belong to these. */
export function asksOfFindings(policy: Policy): boolean {
  return policy.severity !== null || policy.epss !== null;
}

/** The severities that may have grace: those that can be denied. */
export function severitiesWithGrace(policy: Policy): Severity[] {
  if (policy.epss !== null) return SEVERITIES.filter((it) => it !== "unknown");
  if (policy.severity === null) return [];
  return SEVERITIES.slice(0, SEVERITIES.indexOf(policy.severity) + 1).filter((it) => it !== "unknown");
}

/** Without what is meant for nobody: the interface refuses conditions of what is not asked. */
export function tidied(policy: Policy): Policy {
  const graced = severitiesWithGrace(policy);
  const isAsking = asksOfFindings(policy);
  const grace = Object.entries(policy.grace_days).filter(
    ([severity, days]) => graced.includes(severity as Severity) && days > 0,
  );
  return {
    ...policy,
    dry_run: policy.mode === "block" && policy.dry_run,
    only_fixable: isAsking && policy.only_fixable,
    fix_age_days: isAsking ? policy.fix_age_days : null,
    grace_days: Object.fromEntries(grace),
    scanners: policy.scanners.map((it) => it.trim()).filter((it) => it !== ""),
  };
}

/** What becomes of it all: the two fields that say so, as one choice. */
export type Stage = "off" | "warn" | "try" | "block";
export const STAGES: readonly Stage[] = ["off", "warn", "try", "block"];

export function stageOf(policy: Policy): Stage {
  if (policy.mode === "block") return policy.dry_run ? "try" : "block";
  return policy.mode;
}

export function withStage(policy: Policy, stage: Stage): Policy {
  if (stage === "try") return { ...policy, mode: "block", dry_run: true };
  return { ...policy, mode: stage, dry_run: false };
}

export type RuleKey =
  | "severity"
  | "unrated"
  | "knownExploited"
  | "epss"
  | "unscanned"
  | "incomplete"
  | "endOfLife"
  | "staleDatabase"
  | "unsupported"
  | "unusedExceptions";

/** One sentence of a policy: what, and what comes of it. */
export interface Rule {
  key: RuleKey;
  action: Action;
  severity?: Severity;
  /** A share of one. */
  probability?: number;
  days?: number;
  /** Whether the conditions on findings hold for it. */
  hasConditions?: boolean;
}

/** The rules of a policy that do something, the hardest first. */
export function rulesOf(policy: Policy): Rule[] {
  if (policy.mode === "off") return [];
  const rules: Rule[] = [];
  if (policy.severity !== null) {
    rules.push({ key: "severity", action: "deny", severity: policy.severity, hasConditions: true });
    rules.push({ key: "unrated", action: policy.unrated });
  }
  rules.push({ key: "knownExploited", action: policy.known_exploited });
  if (policy.epss !== null) {
    const { at_least, action } = policy.epss;
    rules.push({ key: "epss", action, probability: at_least, hasConditions: true });
  }
  rules.push({ key: "unscanned", action: policy.unscanned });
  rules.push({ key: "incomplete", action: policy.incomplete });
  rules.push({ key: "endOfLife", action: policy.end_of_life });
  rules.push({ key: "staleDatabase", action: policy.stale_database, days: policy.database_age_days });
  rules.push({ key: "unsupported", action: policy.unsupported });
  rules.push({ key: "unusedExceptions", action: policy.unused_exceptions });
  const active = rules
    .filter((it) => it.action !== "allow")
    .map((it) => (policy.mode === "warn" ? { ...it, action: "warn" as const } : it));
  return [...active.filter((it) => it.action === "deny"), ...active.filter((it) => it.action === "warn")];
}

/** Whether two policies ask the same. */
export function isSame(one: Policy, other: Policy): boolean {
  return canonical(tidied(one)) === canonical(tidied(other));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) =>
    typeof it === "object" && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  );
}

/** A number of images and of their pulls. */
export interface Share {
  artifacts: number;
  pulls: number;
}

/** An image that a policy would have refused. */
export interface Example {
  repository: string;
  digest: string;
  pulls: number;
  spared: boolean;
  reasons: { rule: string; outcome: Action; what: string }[];
}

/** What a policy would have done; the interface leaves its form open, so that it is looked at here. */
export interface Preview {
  total: Share;
  denied: Share;
  spared: Share;
  warned: Share;
  examples: Example[];
  isCut: boolean;
}

export function previewOf(answer: unknown): Preview {
  const it = (answer ?? {}) as Record<string, unknown>;
  const share = (value: unknown): Share => {
    const { artifacts, pulls } = (value ?? {}) as Partial<Share>;
    return { artifacts: Number(artifacts ?? 0), pulls: Number(pulls ?? 0) };
  };
  return {
    total: share(it.total),
    denied: share(it.denied),
    spared: share(it.spared),
    warned: share(it.warned),
    examples: Array.isArray(it.examples) ? (it.examples as Example[]) : [],
    isCut: it.is_cut === true,
  };
}
