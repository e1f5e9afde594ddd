// When something ends: after some days, on a day, or never.
import { Select, TextInput } from "@mantine/core";
import { useFormat, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { dayOf, type Ending, endOf } from "./ending";

interface EndsProps {
  label: string;
  description?: string;
  value: Ending;
  onChange: (value: Ending) => void;
  /** Numbers of days to choose from. */
  days?: number[];
  mayNeverEnd?: boolean;
  error?: string;
}

export function Ends({
  label,
  description,
  value,
  onChange,
  days = [7, 30, 90, 365],
  mayNeverEnd = true,
  error,
}: EndsProps) {
  const say = useWords(forms);
  const format = useFormat();
  const now = new Date();
  const end = endOf(value, now);
  const choices = [
    ...days.map((count) => ({ value: String(count), label: say("inDays", { count }) })),
    { value: "day", label: say("onADay") },
    ...(mayNeverEnd ? [{ value: "never", label: say("neverEnds") }] : []),
  ];
  return (
    <div>
      <div className="row" style={{ alignItems: "flex-end" }}>
        <Select
          label={label}
          data={choices}
          allowDeselect={false}
          value={value.kind === "days" ? String(value.days) : value.kind}
          onChange={(word) => {
            if (word === "never") onChange({ kind: "never" });
            else if (word === "day") onChange({ kind: "day", day: dayOf(end ?? inThirtyDays(now)) });
            else onChange({ kind: "days", days: Number(word) });
          }}
          style={{ flex: "1 1 170px" }}
        />
        {value.kind === "day" && (
          <TextInput
            type="date"
            aria-label={say("day")}
            min={dayOf(now)}
            value={value.day}
            onChange={(event) => onChange({ kind: "day", day: event.currentTarget.value })}
            style={{ flex: "1 1 150px" }}
          />
        )}
      </div>
      <div className="dim" style={{ fontSize: 12.5, marginTop: 4 }}>
        {end
          ? say("endsAt", { time: format.dateTime(end) })
          : value.kind === "never"
            ? say("neverEndsWhy")
            : ""}
        {description ? ` ${description}` : ""}
      </div>
      {error && (
        <div role="alert" style={{ color: "var(--bad-text)", fontSize: 12.5 }}>
          {error}
        </div>
      )}
    </div>
  );
}

function inThirtyDays(now: Date): Date {
  return new Date(now.getTime() + 30 * 86_400_000);
}
