// One of a few answers, side by side. Radio buttons that look like one control.
import { useId } from "react";
import css from "./policy.module.css";

interface ChoiceProps<T extends string> {
  labelledBy: string;
  value: T;
  onChange: (value: T) => void;
  choices: { value: T; label: string }[];
}

export function Choice<T extends string>({ labelledBy, value, onChange, choices }: ChoiceProps<T>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-labelledby={labelledBy} className={css.choice}>
      {choices.map((it) => (
        <label key={it.value} data-value={it.value} data-chosen={it.value === value || undefined}>
          <input
            type="radio"
            className="unseen"
            name={name}
            checked={it.value === value}
            onChange={() => onChange(it.value)}
          />
          {it.label}
        </label>
      ))}
    </div>
  );
}
