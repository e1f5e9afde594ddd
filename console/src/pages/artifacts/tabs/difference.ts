// How two artifacts differ, as the interface answers it: its form is left open there (docs/diff.md), so
// that it is looked at here before it is shown.
import { SEVERITIES, type Severity } from "~/api/types";

export interface Entry {
  id: string;
  severity: Severity;
  name: string;
  version: string;
  fixed_version: string | null;
  suppressed: boolean;
}

export interface Difference {
  from: { name: string; complete: boolean };
  to: { name: string; complete: boolean };
  sameDatabase: boolean;
  appeared: Entry[];
  gone: Entry[];
  changed: { what: string[]; to: Entry }[];
  unchanged: number;
  added: { name: string; versions: string[] }[];
  removed: { name: string; versions: string[] }[];
  moved: { name: string; from: string[]; to: string[] }[];
}

type Loose = Record<string, unknown>;

const isLoose = (it: unknown): it is Loose => typeof it === "object" && it !== null && !Array.isArray(it);
const text = (it: unknown): string => (typeof it === "string" ? it : "");
const texts = (it: unknown): string[] => (Array.isArray(it) ? it.map(text) : []);
const loose = (it: unknown): Loose => (isLoose(it) ? it : {});
const list = (it: unknown): Loose[] => (Array.isArray(it) ? it.filter(isLoose) : []);

function entry(it: Loose): Entry {
  return {
    id: text(it.id),
    severity: SEVERITIES.find((word) => word === it.severity) ?? "unknown",
    name: text(it.name),
    version: text(it.version),
    fixed_version: typeof it.fixed_version === "string" ? it.fixed_version : null,
    suppressed: it.suppressed === true,
  };
}

const worstFirst = (one: Entry, other: Entry) =>
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || one.id.localeCompare(other.id);

const side = (it: Loose) => ({ name: text(it.name), complete: it.complete !== false });

export function differenceOf(answered: unknown): Difference | undefined {
  const document = loose(answered);
  if (!isLoose(document.findings) || !isLoose(document.packages)) return undefined;
  const { findings, packages } = document;
  const named = (it: Loose) => ({ name: text(it.name), versions: texts(it.versions) });
  return {
    from: side(loose(document.from)),
    to: side(loose(document.to)),
    sameDatabase: document.same_database !== false,
    appeared: list(findings.new).map(entry).sort(worstFirst),
    gone: list(findings.gone).map(entry).sort(worstFirst),
    changed: list(findings.changed).map((it) => ({ what: texts(it.what), to: entry(loose(it.to)) })),
    unchanged: typeof findings.unchanged === "number" ? findings.unchanged : 0,
    added: list(packages.added).map(named),
    removed: list(packages.removed).map(named),
    moved: list(packages.changed).map((it) => ({
      name: text(it.name),
      from: texts(it.from),
      to: texts(it.to),
    })),
  };
}

/** Counts by severity, for a bar. */
export function bySeverity(entries: Entry[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of entries) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}
