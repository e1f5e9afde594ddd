// A table of any length: only the rows in view are in the page. It scrolls with the page, keeps its
// columns in the browser, is walked with the arrow keys, and is a list of cards on a phone.
import { Button } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { toggled, useColumns } from "./columns";
import { Failure, Loading } from "./States";
import { ColumnMenu, Header, SelectAll } from "./TableHead";
import { TableRow } from "./TableRow";
import css from "./table.module.css";

export interface Column<T> {
  /** Its name in the address and in the browser's memory. */
  key: string;
  title: string;
  /** A track of a CSS grid: `minmax(160px, 2fr)`, `110px`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** The word by which the server sorts. */
  sort?: string;
  align?: "end";
  /** Not shown until somebody chooses it. */
  isExtra?: boolean;
  /** Always shown: what names the row. The first column is. */
  isFixed?: boolean;
}

export interface Selection {
  chosen: ReadonlySet<string>;
  change: (chosen: ReadonlySet<string>) => void;
  /** What can be done with those chosen. */
  actions: ReactNode;
}

interface DataTableProps<T> {
  /** Under which its columns are kept. */
  id: string;
  /** What screen readers call it. */
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  rowLabel: (row: T) => string;
  /** What is shown where there are no rows. */
  empty: ReactNode;
  isPending?: boolean;
  isStale?: boolean;
  error?: Error | null;
  again?: () => void;
  hasMore?: boolean;
  isReadingMore?: boolean;
  more?: () => void;
  sort?: string;
  onSort?: (word: string) => void;
  selection?: Selection;
  /** What a row shows when it is opened. */
  details?: (row: T) => ReactNode;
  /** What Enter does on a row; without it, details are opened. */
  onOpen?: (row: T) => void;
  /** Filters, above the table. */
  toolbar?: ReactNode;
  /** How high a row is at least, in pixels. Those that are no higher need not be measured. */
  rowHeight?: number;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const columns = useColumns(props.id, props.columns);
  return (
    <div className={css.frame}>
      <div className={css.toolbar}>
        <div className="row">{props.toolbar}</div>
        <ColumnMenu all={props.columns} shown={columns.shown} toggle={columns.toggle} />
      </div>
      <Content {...props} columns={columns.shown} />
    </div>
  );
}

function Content<T>(props: DataTableProps<T>) {
  if (props.error && props.rows.length === 0) return <Failure error={props.error} again={props.again} />;
  if (props.isPending) {
    return (
      <div style={{ padding: 14 }}>
        <Loading />
      </div>
    );
  }
  if (props.rows.length === 0) return <>{props.empty}</>;
  return <Rows {...props} />;
}

/** A width in pixels is given up before a table becomes wider than its place. */
function shrinking(width: string): string {
  return width.replace(/^(\d+px)$/, "minmax(0, $1)");
}

const SELECT = "28px";
const EXPAND = "24px";
const ROW_HEIGHT = 45;
/** How many rows before the end the next page is read: nobody shall see the end of one. */
const ROWS_AHEAD = 80;

function Rows<T>(props: DataTableProps<T>) {
  const say = useWords(parts);
  const { rows, columns, rowKey, selection, details, rowHeight = ROW_HEIGHT } = props;
  const list = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);

  // Where the list begins on the page; what stands above may change its height.
  useLayoutEffect(() => {
    const measure = () => {
      const top = list.current?.getBoundingClientRect().top;
      if (top !== undefined) setMargin(Math.round(top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // Made once: whenever a row turns out to be of another height than was thought, which on a phone each one
  // does, all those behind it are looked up by their keys. The same function while the rows are the same:
  // another one has all rows measured again.
  const keys = useMemo(() => rows.map(rowKey), [rows, rowKey]);
  const getItemKey = useCallback((place: number) => keys[place] ?? place, [keys]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    // More of them would make each jump to another place of the list dearer.
    overscan: 4,
    scrollMargin: margin,
    getItemKey,
  });
  const items = virtual.getVirtualItems();

  // The next page is read before the end comes into view.
  const { more, hasMore, isReadingMore } = props;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isReadingMore && last >= rows.length - ROWS_AHEAD) more?.();
  }, [hasMore, isReadingMore, more, last, rows.length]);

  const tracks = [
    ...(selection ? [SELECT] : []),
    ...(details ? [EXPAND] : []),
    ...columns.map((column) => shrinking(column.width)),
  ].join(" ");

  // The row that a key has led to: focused as soon as it is in the page, which may be a moment later,
  // unless whoever pressed it has gone elsewhere by then.
  const wanted = useRef<number>(undefined);
  const focusWanted = () => {
    if (wanted.current === undefined) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-place="${wanted.current}"] [role=row]`);
    const at = document.activeElement;
    const isHere = at === null || at === document.body || list.current?.contains(at);
    if (row || !isHere) wanted.current = undefined;
    if (isHere) row?.focus();
  };
  useLayoutEffect(focusWanted);
  const go = (place: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, place));
    wanted.current = to;
    setActive(to);
    virtual.scrollToIndex(to, { align: "auto" });
    focusWanted();
  };
  const expand = (row: T) => setOpen((open) => toggled(open, rowKey(row)));
  const choose = (row: T) => selection?.change(toggled(selection.chosen, rowKey(row)));
  const onKeyDown = (event: KeyboardEvent, place: number, row: T) => {
    if (event.target !== event.currentTarget) return;
    switch (event.key) {
      case "ArrowDown":
        go(place + 1);
        break;
      case "ArrowUp":
        go(place - 1);
        break;
      case "Home":
        go(0);
        break;
      case "End":
        go(rows.length - 1);
        break;
      case "Enter":
        if (props.onOpen) props.onOpen(row);
        else if (details) expand(row);
        break;
      case " ":
        choose(row);
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const acts = useSteady({ onKeyDown, expand, choose, onFocus: setActive });

  return (
    <>
      <div
        className={css.table}
        role="table"
        aria-label={props.label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        style={{ "--columns": tracks, "--row-height": `${rowHeight - 1}px` } as CSSProperties}
      >
        <div role="rowgroup">
          <div role="row" className={`${css.line} ${css.head}`} aria-rowindex={1}>
            {selection && <SelectAll rows={rows} rowKey={rowKey} selection={selection} />}
            {details && (
              <span role="columnheader">
                <span className="unseen">{say("details")}</span>
              </span>
            )}
            {columns.map((column) => (
              <Header key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </div>
        </div>
        <div
          ref={list}
          role="rowgroup"
          className={`${css.body} ${props.isStale ? css.stale : ""}`}
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const key = rowKey(row);
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                data-place={item.index}
                data-last={item.index === rows.length - 1 || undefined}
                className={css.item}
                style={{ transform: `translateY(${item.start - margin}px)` }}
                role="presentation"
              >
                <TableRow
                  row={row}
                  place={item.index}
                  columns={columns}
                  rowLabel={props.rowLabel}
                  isActive={item.index === active}
                  isOpen={open.has(key)}
                  isChosen={selection?.chosen.has(key)}
                  details={details}
                  acts={acts}
                />
              </div>
            );
          })}
        </div>
      </div>
      <Foot {...props} />
      {selection && selection.chosen.size > 0 && (
        <div
          className={css.selection}
          role="region"
          aria-label={say("selected", { count: selection.chosen.size })}
        >
          <strong>{say("selected", { count: selection.chosen.size })}</strong>
          {selection.actions}
          <Button size="compact-sm" variant="subtle" onClick={() => selection.change(new Set())}>
            {say("clearSelection")}
          </Button>
        </div>
      )}
    </>
  );
}

/** The same functions for as long as the table is there, though what they do is always the newest: rows
 * that are the same are not drawn again. */
function useSteady<A extends Record<string, (...given: never[]) => void>>(newest: A): A {
  const kept = useRef(newest);
  useLayoutEffect(() => {
    kept.current = newest;
  });
  const [steady] = useState(() => {
    const names = Object.keys(newest) as (keyof A)[];
    return Object.fromEntries(
      names.map((name) => [name, (...given: never[]) => kept.current[name]?.(...given)]),
    ) as unknown as A;
  });
  return steady;
}

function Foot<T>({ rows, hasMore, isReadingMore, more, error, again }: DataTableProps<T>) {
  const say = useWords(parts);
  return (
    <div className={css.foot}>
      <span aria-live="polite">
        {isReadingMore ? say("loading") : say("rows", { count: rows.length })}
        {hasMore && !isReadingMore && ` · ${say("moreRows")}`}
      </span>
      {error ? (
        <Button size="compact-xs" variant="default" onClick={again}>
          {say("tryAgain")}
        </Button>
      ) : (
        hasMore &&
        !isReadingMore && (
          <Button size="compact-xs" variant="default" onClick={more}>
            {say("loadMore")}
          </Button>
        )
      )}
    </div>
  );
}
