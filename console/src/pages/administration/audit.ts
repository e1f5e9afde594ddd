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

/** The filters of the address as the interface takes them. */
export function queryOf(filter: { q: string; outcome: string }): { q?: string; allowed?: boolean } {
  return {
    q: filter.q || undefined,
    allowed: filter.outcome === "" ? undefined : filter.outcome === "allowed",
  };
}
