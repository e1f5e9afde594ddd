// When somebody was here before: "newly affected since my last visit".

const KEPT = "plimsoll.visits";
/** Loading the page again within this time is the same visit. */
const VISIT_MILLISECONDS = 30 * 60_000;
const WEEK_MILLISECONDS = 7 * 86_400_000;

interface Visits {
  /** When the visit before this one ended. */
  before: number;
  /** When the page was last seen. */
  last: number;
}

/** The visits after being seen now. */
export function seen(kept: Visits | undefined, now: number): Visits {
  if (kept === undefined) return { before: now - WEEK_MILLISECONDS, last: now };
  const isSame = now - kept.last < VISIT_MILLISECONDS;
  return { before: isSame ? kept.before : kept.last, last: now };
}

/** Since when something is new to whoever looks. */
export function sinceLastVisit(now = Date.now()): string {
  const visits = seen(read(), now);
  try {
    localStorage.setItem(KEPT, JSON.stringify(visits));
  } catch {
    // Not kept: a week is shown then.
  }
  return new Date(visits.before).toISOString().replace(/\.\d+Z$/, "Z");
}

function read(): Visits | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<Visits> | null;
    return typeof kept?.before === "number" && typeof kept.last === "number" ? (kept as Visits) : undefined;
  } catch {
    return undefined;
  }
}
