// Lists that come in pages. The server says where the next one begins; nobody counts offsets.
import { keepPreviousData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Pages<T> {
  /** All that has been read so far. */
  items: T[];
  isPending: boolean;
  /** Whether what is shown belongs to other filters than those chosen now. */
  isStale: boolean;
  error: Error | null;
  hasMore: boolean;
  isReadingMore: boolean;
  more: () => void;
  again: () => void;
}

/** Reads a list page by page. Its key begins with the noun that live events speak of (see live.ts). */
export function usePages<T>(
  key: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; next: string | null }>,
  options: { enabled?: boolean } = {},
): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // Comparing all pages with all pages at each further one is dearer than drawing the rows in view.
    structuralSharing: false,
    enabled: options.enabled ?? true,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    items,
    isPending: query.isPending,
    isStale: query.isPlaceholderData,
    error: query.error,
    hasMore: query.hasNextPage,
    isReadingMore: query.isFetchingNextPage,
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
    again: () => void query.refetch(),
  };
}
