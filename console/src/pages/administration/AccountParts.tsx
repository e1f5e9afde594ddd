// What the pages of users, of robots and of members share: how an account is named, in a list and in a form,
// and a choice of which each answer says what it means.
import { TextInput } from "@mantine/core";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useWords } from "~/i18n";
import { peopleWords } from "~/i18n/words/people";
import css from "./administration.module.css";

interface AccountNameProps {
  icon: LucideIcon;
  name: string;
  /** What stands behind the name. */
  note?: string;
  isDisabled?: boolean;
}

export function AccountName({ icon: Icon, name, note, isDisabled }: AccountNameProps) {
  const say = useWords(peopleWords);
  return (
    <span className={css.who}>
      <Icon size={15} aria-hidden="true" />
      <span>
        {name}
        {note && <span className="dim"> {note}</span>}
        {isDisabled && (
          <span className={css.badge} data-bad style={{ marginInlineStart: 8 }}>
            {say("disabled")}
          </span>
        )}
      </span>
    </span>
  );
}

interface NameFieldProps {
  label: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

/** The name of an account that is made; white space is none of it. */
export function NameField({ label, help, value, onChange, error }: NameFieldProps) {
  return (
    <TextInput
      label={label}
      description={help}
      autoComplete="off"
      spellCheck={false}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
      data-autofocus
    />
  );
}

interface CardsProps<T extends string> {
  legend: string;
  choices: { value: T; label: string; text: string }[];
  /** One as a rule; more where somebody was given more. */
  chosen: readonly T[];
  onChange: (value: T) => void;
  /** What stands below them. */
  children?: ReactNode;
}

export function Cards<T extends string>({ legend, choices, chosen, onChange, children }: CardsProps<T>) {
  const name = useId();
  return (
    <fieldset className={css.roles}>
      <legend>{legend}</legend>
      {choices.map((it) => (
        <label key={it.value} className={css.role} data-chosen={chosen.includes(it.value) || undefined}>
          <input
            type="radio"
            name={name}
            checked={chosen.includes(it.value)}
            onChange={() => onChange(it.value)}
          />
          <span>
            <strong>{it.label}</strong>
            <span className="dim">{it.text}</span>
          </span>
        </label>
      ))}
      {children}
    </fieldset>
  );
}
