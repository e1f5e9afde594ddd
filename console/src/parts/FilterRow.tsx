// Filters beside each other; on a phone those behind the first wait behind a button.
import { Button } from "@mantine/core";
import { SlidersHorizontal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./filters.module.css";

interface FilterRowProps {
  /** In sight everywhere: what people type. */
  first: ReactNode;
  children: ReactNode;
  /** How many of the others are set. */
  count: number;
}

export function FilterRow({ first, children, count }: FilterRowProps) {
  const say = useWords(parts);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {first}
      <Button
        className={css.button}
        size="xs"
        variant={count > 0 ? "light" : "default"}
        leftSection={<SlidersHorizontal size={14} aria-hidden="true" />}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {count > 0 ? say("filtersSet", { count }) : say("filters")}
      </Button>
      <div className={css.others} data-open={isOpen || undefined}>
        {children}
      </div>
    </>
  );
}
