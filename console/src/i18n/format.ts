// Numbers, sizes, times and durations as a language writes them. Pure: told the time where it matters.

export interface Formats {
  locale: string;
  isOne: (count: number) => boolean;
  number: (value: number) => string;
  /** 12.3K where there is little room. */
  compact: (value: number) => string;
  /** A share of one: 0.42 is 42 %. */
  percent: (share: number, digits?: number) => string;
  bytes: (bytes: number) => string;
  /** 3 hours ago, in 2 days. */
  relative: (time: Date, now: Date) => string;
  dateTime: (time: Date) => string;
  date: (time: Date) => string;
  duration: (seconds: number) => string;
  list: (items: string[]) => string;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** From which age on which unit; ages in seconds. */
const AGES: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 0],
];

export function formats(locale: string): Formats {
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  // Making one is dearer than writing a thousand numbers with it.
  const percents = new Map<number, Intl.NumberFormat>();
  const percent = (digits: number) => {
    const made =
      percents.get(digits) ??
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits });
    percents.set(digits, made);
    return made;
  };
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  const unit = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit,
      unitDisplay: "narrow",
      maximumFractionDigits: digits,
    }).format(value);
  return {
    locale,
    isOne: (count) => plural.select(count) === "one",
    number: (value) => number.format(value),
    compact: (value) => compact.format(value),
    percent: (share, digits = 0) => percent(digits).format(share),
    bytes: (bytes) => {
      const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
      const value = bytes / 1000 ** step;
      return new Intl.NumberFormat(locale, {
        style: "unit",
        unit: UNITS[step] ?? "byte",
        // The short word for bytes is the same for one and for many.
        unitDisplay: step === 0 ? "long" : "short",
        maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
      }).format(value);
    },
    relative: (time, now) => {
      const seconds = (time.getTime() - now.getTime()) / 1000;
      const [name, size] = AGES.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 0];
      return relative.format(Math.trunc(seconds / (size || 1)), name);
    },
    dateTime: (time) => dateTime.format(time),
    date: (time) => date.format(time),
    duration: (seconds) => {
      // What the server tells in whole seconds took some time all the same.
      if (seconds === 0) return `<${unit(1, "second")}`;
      if (seconds < 1) return unit(seconds * 1000, "millisecond");
      if (seconds < 60) return unit(seconds, "second", seconds < 10 ? 1 : 0);
      if (seconds < 3600)
        return `${unit(Math.floor(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
      return `${unit(Math.floor(seconds / 3600), "hour")} ${unit(Math.floor((seconds % 3600) / 60), "minute")}`;
    },
    list: (items) => list.format(items),
  };
}
