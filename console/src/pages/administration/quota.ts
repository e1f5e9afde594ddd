// Sizes as people type them. Pure.

/** Powers of a thousand, as the console writes sizes. */
export const UNITS = { MB: 1e6, GB: 1e9, TB: 1e12 } as const;
export type Unit = keyof typeof UNITS;

/** The unit in which a size is a short number. */
export function unitOf(bytes: number): Unit {
  if (bytes >= UNITS.TB) return "TB";
  return bytes >= UNITS.GB ? "GB" : "MB";
}

export function bytesOf(number: number, unit: Unit): number {
  return Math.max(1, Math.round(number * UNITS[unit]));
}
