// Lists that are read whole: those that people keep small, and that are filtered on the page.
import { type QueryKey, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

export interface Whole<T> {
  items: T[];
  isPending: boolean;
  error: Error | null;
  again: () => void;
  /** Whether there are more than are read. */
  isCut: boolean;
}

const PAGES_MAX = 20;

/** Reads all pages of a list, one after the other, up to a limit that is said. */
export function useWhole<T>(
  key: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; next: string | null }>,
  options: { enabled?: boolean } = {},
): Whole<T> {
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => readWhole((cursor) => read(cursor, signal)),
    enabled: options.enabled ?? true,
  });
  const items = useMemo(() => query.data?.items ?? [], [query.data]);
  return {
    items,
    isPending: query.isPending,
    error: query.error,
    again: () => void query.refetch(),
    isCut: query.data?.isCut ?? false,
  };
}

export async function readWhole<T>(
  read: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>,
): Promise<{ items: T[]; isCut: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items: more, next } = await read(cursor);
    items.push(...more);
    if (next === null) return { items, isCut: false };
    cursor = next;
  }
  return { items, isCut: true };
}
