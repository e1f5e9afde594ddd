// The head of a page: where it is, what it is called, what can be done.
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./page.module.css";

/** Names the page in the browser's tab and history. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) document.title = title === "" ? "Plimsoll" : `${title} · Plimsoll`;
  }, [title]);
}

interface PageHeaderProps {
  title: string;
  /** What stands in place of the plain title: a title with badges beside it. */
  heading?: ReactNode;
  crumbs?: { label: string; to: string }[];
  lead?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, heading, crumbs, lead, actions }: PageHeaderProps) {
  const say = useWords(parts);
  usePageTitle(title);
  return (
    <header className={css.header}>
      <div className={css.title}>
        {crumbs && crumbs.length > 0 && (
          <nav aria-label={say("crumbs")}>
            <ol className={css.crumbs}>
              {crumbs.map((it) => (
                <li key={it.to}>
                  <Link to={it.to}>{it.label}</Link>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1>{heading ?? title}</h1>
        {lead && <div className={css.lead}>{lead}</div>}
      </div>
      {actions && <div className="row">{actions}</div>}
    </header>
  );
}
