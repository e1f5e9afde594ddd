// Ends as people choose them, and as the interface wants them. Pure: told the time.

/** When something ends, as it was chosen. */
export type Ending = { kind: "never" } | { kind: "days"; days: number } | { kind: "day"; day: string };

const DAY_MILLISECONDS = 86_400_000;

/** The moment; none where it never ends or no day is chosen yet. A day counts to its end, where one is. */
export function endOf(ending: Ending, now: Date): Date | undefined {
  switch (ending.kind) {
    case "never":
      return undefined;
    case "days":
      return new Date(now.getTime() + ending.days * DAY_MILLISECONDS);
    case "day": {
      const [year, month, day] = ending.day.split("-").map(Number);
      if (!year || !month || !day) return undefined;
      return new Date(year, month - 1, day, 23, 59, 59);
    }
  }
}

/** As the interface takes it: to the second. */
export function endText(ending: Ending, now: Date): string | undefined {
  return endOf(ending, now)
    ?.toISOString()
    .replace(/\.\d+Z$/, "Z");
}

/** The day of a moment, as a date field has it. */
export function dayOf(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

export type Urgency = "over" | "soon" | "later" | "never";

/** What is about to end within so many days is worth a look. */
export const SOON_DAYS = 14;

export function urgencyOf(end: string | null | undefined, now: Date): Urgency {
  if (!end) return "never";
  const left = new Date(end).getTime() - now.getTime();
  if (left <= 0) return "over";
  return left <= SOON_DAYS * DAY_MILLISECONDS ? "soon" : "later";
}
