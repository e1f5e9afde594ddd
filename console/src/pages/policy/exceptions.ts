// Exceptions: pasted lists taken apart, and which of those that hold deserve a look. Pure.
import type { Exception } from "~/api/types";
import { type Urgency, urgencyOf } from "~/parts/ending";

/** What was pasted, taken apart as the server does it. */
export interface Pasted {
  ids: string[];
  /** What is no id. */
  unreadable: string[];
}

const SEPARATORS = /[\s,;，；、]+/u;
const LEGAL = /^[A-Za-z0-9\-_.:/*?]{1,128}$/;
/** The most of one request. */
export const IDS_MAX = 1_000;

export function pasted(text: string): Pasted {
  const words = text.split(SEPARATORS).filter((it) => it !== "");
  const ids = [...new Set(words.filter((it) => LEGAL.test(it)))];
  const unreadable = [...new Set(words.filter((it) => !LEGAL.test(it)))];
  return { ids, unreadable };
}

/** What deserves a look in a list of exceptions. */
export type Standing = Urgency | "unused";

/** One that was made lately has had no time to match. */
const NEW_DAYS = 3;

export function standingOf(exception: Exception, now: Date): Standing {
  const urgency = urgencyOf(exception.expires_at, now);
  if (urgency === "over" || urgency === "soon") return urgency;
  const isNew = now.getTime() - new Date(exception.created_at).getTime() < NEW_DAYS * 86_400_000;
  if (!exception.matched_at && !isNew) return "unused";
  return urgency;
}

export interface ExceptionFilter {
  q: string;
  standing: string;
}

/** Those that fit, what ends first before what ends later. */
export function chosen(all: Exception[], filter: ExceptionFilter, now: Date): Exception[] {
  const text = filter.q.toLowerCase();
  const fits = (it: Exception) => {
    if (filter.standing === "holding" && it.expired) return false;
    if (filter.standing !== "" && filter.standing !== "holding" && standingOf(it, now) !== filter.standing)
      return false;
    const words = [it.vulnerability, it.reason, it.author, it.package, it.repository, it.tags, it.paths];
    return text === "" || words.some((word) => word?.toLowerCase().includes(text));
  };
  const end = (it: Exception) =>
    it.expires_at ? new Date(it.expires_at).getTime() : Number.POSITIVE_INFINITY;
  const order = (it: Exception) => (it.expired ? 1 : 0);
  return all
    .filter(fits)
    .sort((one, other) => order(one) - order(other) || compared(end(one), end(other)) || other.id - one.id);
}

function compared(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** The conditions of an exception besides its id, those that it names. */
export function conditionsOf(
  exception: Pick<Exception, "package" | "repository" | "tags" | "paths">,
): { key: "package" | "repository" | "tags" | "paths"; value: string }[] {
  return (["package", "repository", "tags", "paths"] as const).flatMap((key) => {
    const value = exception[key];
    return value ? [{ key, value }] : [];
  });
}
