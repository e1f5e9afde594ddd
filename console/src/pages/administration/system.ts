// What the server says of itself, in the form that its page shows. Pure.

export interface Readiness {
  name: string;
  state: string;
  isGood: boolean;
}

const ORDER = ["store", "blobs", "vulnerability_database"];

/** The parts that the readiness of the server names; its own word for the whole is left out. */
export function readinessOf(answer: unknown): Readiness[] {
  if (typeof answer !== "object" || answer === null) return [];
  return Object.entries(answer)
    .filter((it): it is [string, string] => typeof it[1] === "string" && it[0] !== "status")
    .map(([name, state]) => ({ name, state, isGood: state === "ok" }))
    .sort((one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name));
}

const STATES = ["running", "queued", "waiting", "failed", "stopped", "done"];

/** Jobs by kind, what runs first. */
export function queueOf(counts: { kind: string; state: string; count: number }[]) {
  const kinds = [...new Set(counts.map((it) => it.kind))].sort();
  return kinds.map((kind) => ({
    kind,
    states: counts
      .filter((it) => it.kind === kind && it.count > 0)
      .sort((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state)),
  }));
}

/** Those that sign people in elsewhere, as far as the server names them. */
export function providersOf(answer: unknown): { name: string; title: string }[] {
  const providers = (answer as { providers?: unknown } | null)?.providers;
  if (!Array.isArray(providers)) return [];
  return providers.filter(
    (it): it is { name: string; title: string } =>
      typeof it?.name === "string" && typeof it?.title === "string",
  );
}
