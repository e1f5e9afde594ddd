// Which columns of a table somebody has chosen; kept in the browser.
import { useMemo, useState } from "react";

interface Choosable {
  key: string;
  isExtra?: boolean;
  isFixed?: boolean;
}

/** Those that differ from what a table shows by itself, so that new columns appear to everybody. */
export type Chosen = Record<string, boolean>;

export function shownOf<C extends Choosable>(all: C[], chosen: Chosen): C[] {
  return all.filter((it, place) => place === 0 || it.isFixed || (chosen[it.key] ?? !it.isExtra));
}

export function useColumns<C extends Choosable>(id: string, all: C[]) {
  const key = `plimsoll.columns.${id}`;
  const [chosen, setChosen] = useState<Chosen>(() => read(key));
  const shown = useMemo(() => shownOf(all, chosen), [all, chosen]);
  const toggle = (column: string) => {
    const next = { ...chosen, [column]: !shown.some((it) => it.key === column) };
    setChosen(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Not kept then.
    }
  };
  return { shown, toggle };
}

function read(key: string): Chosen {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Chosen) : {};
  } catch {
    return {};
  }
}

/** A set with an entry more or less. */
export function toggled(set: ReadonlySet<string>, entry: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(entry)) next.add(entry);
  return next;
}
