// The head of a table: what its columns are called, by which it is sorted, and which are shown.
import { ActionIcon, Checkbox, Menu, Tooltip } from "@mantine/core";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import type { Column, Selection } from "./DataTable";
import css from "./table.module.css";

export function SelectAll<T>({
  rows,
  rowKey,
  selection,
}: {
  rows: T[];
  rowKey: (row: T) => string;
  selection: Selection;
}) {
  const say = useWords(parts);
  const { chosen: keys } = selection;
  // Drawn again whenever the table is scrolled.
  const chosen = keys.size === 0 ? 0 : rows.filter((row) => keys.has(rowKey(row))).length;
  const isAll = chosen === rows.length;
  return (
    <span role="columnheader">
      <Checkbox
        size="xs"
        aria-label={say("selectAll")}
        checked={isAll}
        indeterminate={chosen > 0 && !isAll}
        onChange={() => selection.change(isAll ? new Set() : new Set(rows.map(rowKey)))}
      />
    </span>
  );
}

/** A leading minus turns an order round, as in the address. */
export function Header<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort?: string;
  onSort?: (word: string) => void;
}) {
  const say = useWords(parts);
  const isActive = column.sort !== undefined && sort?.replace(/^-/, "") === column.sort;
  const isTurned = isActive && sort?.startsWith("-");
  const order = isActive ? (isTurned ? "ascending" : "descending") : undefined;
  const Arrow = isTurned ? ArrowUp : ArrowDown;
  return (
    <div
      role="columnheader"
      className={column.align === "end" ? css.end : undefined}
      aria-sort={column.sort === undefined ? undefined : (order ?? "none")}
    >
      {column.sort !== undefined && onSort ? (
        <button
          type="button"
          className={css.sort}
          data-active={isActive || undefined}
          title={say("sortBy", { column: column.title })}
          onClick={() => onSort(column.sort ?? "")}
        >
          {column.title}
          {isActive && <Arrow size={12} aria-hidden="true" />}
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}

export function ColumnMenu<T>(props: {
  all: Column<T>[];
  shown: Column<T>[];
  toggle: (key: string) => void;
}) {
  const say = useWords(parts);
  const choices = props.all.filter((column, place) => place > 0 && !column.isFixed);
  if (choices.length === 0) return null;
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Tooltip label={say("columns")}>
          <ActionIcon variant="subtle" color="gray" aria-label={say("columns")}>
            <Columns3 size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((column) => (
          <Menu.CheckboxItem
            key={column.key}
            checked={props.shown.includes(column)}
            onChange={() => props.toggle(column.key)}
          >
            {column.title}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
