// The entries of the main navigation: one row each.
import { CircleHelp, Database, Gauge, Layers, type LucideIcon, Radar, Settings2 } from "lucide-react";
import { Link, matchPath, useLocation } from "react-router";
import { usePermissions } from "~/api/session";
import type { Permission } from "~/api/types";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { ROUTES, type Section } from "~/routes";
import { Logo } from "./Logo";
import css from "./shell.module.css";

interface Entry {
  section: Section;
  to: string;
  label: "overview" | "namespaces" | "scans" | "database" | "administration" | "whyNot";
  icon: LucideIcon;
  /** Shown to whoever may do this everywhere. */
  needs?: Permission;
}

const ENTRIES: Entry[] = [
  { section: "overview", to: "/", label: "overview", icon: Gauge },
  { section: "namespaces", to: "/namespaces", label: "namespaces", icon: Layers },
  { section: "scans", to: "/scans", label: "scans", icon: Radar },
  { section: "database", to: "/database", label: "database", icon: Database },
  { section: "why", to: "/why", label: "whyNot", icon: CircleHelp },
  {
    section: "administration",
    to: "/administration",
    label: "administration",
    icon: Settings2,
    needs: "administer",
  },
];

/** Its page comes at once, if it is chosen. */
function warm(path: string) {
  ROUTES.find((row) => row.path === path)?.page.warm();
}

export function Navigation({ onChosen }: { onChosen?: () => void }) {
  const say = useWords(shell);
  const { pathname } = useLocation();
  const permissions = usePermissions();
  const section = ROUTES.find((row) => matchPath(row.path, pathname) !== null)?.section;
  return (
    <>
      <nav aria-label={say("navigation")}>
        <Link to="/" className={css.brand} onClick={onChosen}>
          <Logo />
          Plimsoll
        </Link>
        <ul className={css.links}>
          {ENTRIES.filter((it) => it.needs === undefined || permissions.has(it.needs)).map((it) => (
            <li key={it.section}>
              <Link
                to={it.to}
                className={css.link}
                aria-current={it.section === section ? "page" : undefined}
                onClick={onChosen}
                onPointerEnter={() => warm(it.to)}
                onFocus={() => warm(it.to)}
              >
                <it.icon size={17} strokeWidth={1.8} aria-hidden="true" />
                {say(it.label)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={css.rest} />
    </>
  );
}
