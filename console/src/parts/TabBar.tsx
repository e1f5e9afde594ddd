// The tabs of a page. Each is a link with an address of its own, so that it can be opened beside and sent.
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import css from "./tabs.module.css";

export interface TabLink {
  key: string;
  label: string;
  to: string;
  /** A number or a sign beside the label. */
  note?: ReactNode;
  /** Has what it shows fetched, when somebody points at it. */
  warm?: () => void;
}

export function TabBar({ label, tabs, active }: { label: string; tabs: TabLink[]; active: string }) {
  const list = useRef<HTMLUListElement>(null);
  // On a phone the bar scrolls; the tab that is open is in view.
  useEffect(() => {
    const link = list.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(active)}"]`);
    if (link && list.current) list.current.scrollLeft = link.offsetLeft - 40;
  }, [active]);
  return (
    <nav aria-label={label} className={css.bar}>
      <ul ref={list}>
        {tabs.map((it) => (
          <li key={it.key} data-tab={it.key}>
            <Link
              to={it.to}
              preventScrollReset
              aria-current={it.key === active ? "page" : undefined}
              onPointerEnter={it.warm}
              onFocus={it.warm}
            >
              {it.label}
              {it.note !== undefined && <span className={css.note}>{it.note}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
