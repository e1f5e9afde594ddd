// Filters above a list: a text that waits until typing stops, and choices.
import { Button, CloseButton, Select, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";

const PAUSE_MILLISECONDS = 250;

export function TextFilter(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  width?: number;
}) {
  const [text, setText] = useState(props.value);
  const sent = useRef(props.value);
  const { value, onChange } = props;
  // The address may change by itself: back, or another link.
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <TextInput
      size="xs"
      w={props.width ?? 220}
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      leftSection={<Search size={14} />}
      rightSection={
        text === "" ? null : <CloseButton size="xs" tabIndex={-1} aria-hidden onClick={() => setText("")} />
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

export function ChoiceFilter(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  choices: { value: string; label: string }[];
  width?: number;
  /** Whether there are so many that one types to find one. */
  isLong?: boolean;
}) {
  const say = useWords(parts);
  return (
    <Select
      size="xs"
      w={props.width ?? 150}
      aria-label={props.label}
      placeholder={props.label}
      data={[{ value: "", label: `${props.label}: ${say("anything")}` }, ...props.choices]}
      value={props.value}
      onChange={(value) => props.onChange(value ?? "")}
      allowDeselect={false}
      searchable={props.isLong}
    />
  );
}

export function ClearFilters({ isChanged, clear }: { isChanged: boolean; clear: () => void }) {
  const say = useWords(parts);
  if (!isChanged) return null;
  return (
    <Button size="compact-xs" variant="subtle" onClick={clear}>
      {say("clearFilters")}
    </Button>
  );
}
