// Lines of the audit log in words, and its filters. Pure.
import type { AuditLine } from "~/api/types";
import type { Language } from "~/i18n";
import { ACTIONS_ZH } from "./actions";

/** The name of a route in words: `createRobotToken` is "Create robot token". One that has no words in the
 * other language stays so. */
export function sentenceOf(action: string, language: Language = "en"): string {
  const written = language === "zh" ? ACTIONS_ZH.get(action) : undefined;
  if (written !== undefined) return written;
  const words = action
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[._-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who it was: people by their names alone. */
export function actorOf(actor: string): string {
  return actor.replace(/^user\//, "");
}

/** To what, without the namespace that stands beside it. */
export function targetOf(line: Pick<AuditLine, "target" | "namespace">): string {
  const prefix = `/namespaces/${line.namespace}/`;
  return line.namespace && line.target.startsWith(prefix) ? line.target.slice(prefix.length) : line.target;
}

interface Filter {
  q: string;
  action: string;
  outcome: string;
}

/** The filters of the address as the interface takes them. */
export function queryOf({ q, action, outcome }: Filter): { q?: string; action?: string; allowed?: boolean } {
  return {
    q: q || undefined,
    action: action || undefined,
    allowed: outcome === "" ? undefined : outcome === "allowed",
  };
}

/** Every action that we have words for, by its words. */
export function actionsIn(language: Language): { value: string; label: string }[] {
  return [...ACTIONS_ZH.keys()]
    .map((value) => ({ value, label: sentenceOf(value, language) }))
    .sort((one, other) => one.label.localeCompare(other.label, language));
}

interface Page {
  items: AuditLine[];
  next: string | null;
}

/** How many pages are read for one with something in it. */
const PAGES_MAX = 10;

/** Lines of one action. The interface gives those of every action with its name in theirs, `deleteTag` among
 * those of `delete`: what is left out here may be a whole page, so that the next one is read with it. */
export async function exactly(
  action: string,
  first: string | undefined,
  read: (cursor: string | undefined) => Promise<Page>,
): Promise<Page> {
  let page = await read(first);
  if (action === "") return page;
  const fits = ({ items, next }: Page) => ({ items: items.filter((it) => it.action === action), next });
  page = fits(page);
  for (let pages = 1; pages < PAGES_MAX && page.items.length === 0 && page.next !== null; pages++) {
    page = fits(await read(page.next));
  }
  return page;
}
