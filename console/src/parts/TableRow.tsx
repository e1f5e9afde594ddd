// One row of a table. Drawn again only when something of it is another: while a table scrolls, the rows
// that stay in view cost nothing. Plain elements, since there may be hundreds in a second.
import { Checkbox } from "@mantine/core";
import { type KeyboardEvent, memo, type ReactNode } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import type { Column } from "./DataTable";
import css from "./table.module.css";

interface TableRowProps<T> {
  row: T;
  place: number;
  columns: Column<T>[];
  rowLabel: (row: T) => string;
  isActive: boolean;
  isOpen: boolean;
  /** Nothing where rows are not chosen. */
  isChosen?: boolean;
  details?: (row: T) => ReactNode;
  /** The same ones always. */
  acts: {
    onKeyDown: (event: KeyboardEvent, place: number, row: T) => void;
    expand: (row: T) => void;
    choose: (row: T) => void;
    onFocus: (place: number) => void;
  };
}

export const TableRow = memo(Row) as typeof Row;

const ARROW = (
  <svg width="15" height="15" viewBox="0 0 24 24" aria-hidden="true" className={css.arrow}>
    <path d="m9 18 6-6-6-6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
  </svg>
);

function Row<T>({
  row,
  place,
  columns,
  rowLabel,
  isActive,
  isOpen,
  isChosen,
  details,
  acts,
}: TableRowProps<T>) {
  const say = useWords(parts);
  return (
    <>
      <div
        role="row"
        aria-rowindex={place + 2}
        tabIndex={isActive ? 0 : -1}
        className={`${css.line} ${css.row}`}
        data-chosen={isChosen || undefined}
        onKeyDown={(event) => acts.onKeyDown(event, place, row)}
        onFocus={() => acts.onFocus(place)}
      >
        {isChosen !== undefined && (
          <span role="cell" className={css.cell}>
            <Checkbox
              size="xs"
              aria-label={say("selectRow", { row: rowLabel(row) })}
              checked={isChosen}
              onChange={() => acts.choose(row)}
            />
          </span>
        )}
        {details && (
          <span role="cell" className={css.cell}>
            <button
              type="button"
              className={css.expand}
              aria-expanded={isOpen}
              aria-label={say(isOpen ? "collapse" : "expand", { row: rowLabel(row) })}
              onClick={() => acts.expand(row)}
            >
              {ARROW}
            </button>
          </span>
        )}
        {columns.map((column, index) => (
          <div
            key={column.key}
            role="cell"
            className={column.align === "end" ? `${css.cell} ${css.end}` : css.cell}
            data-title={column.title}
            data-first={index === 0 || undefined}
          >
            {column.cell(row)}
          </div>
        ))}
      </div>
      {isOpen && (
        <div role="row">
          <div role="cell" className={css.expanded}>
            {details?.(row)}
          </div>
        </div>
      )}
    </>
  );
}
