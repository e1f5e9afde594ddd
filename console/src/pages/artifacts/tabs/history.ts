// The history of an artifact as it is told. Pure.
import type { components } from "~/api/schema";

export type Entry = components["schemas"]["HistoryEntry"];

/** Without those that say the same as the one before them, in the same second: several things may have had a
 * verdict decided at once, and whoever reads wants to know it once. */
export function collapsed(entries: Entry[]): Entry[] {
  return entries.filter((it, place) => {
    const before = entries[place - 1];
    return before === undefined || JSON.stringify(it) !== JSON.stringify(before);
  });
}
