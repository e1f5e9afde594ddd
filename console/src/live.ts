// Live state: hears what the server tells and has the queries concerned read again. Changes nothing by
// itself, so a part needs no code to be live: its query's key begins with the noun that is told of.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { BASE } from "./api/client";

/** What is told, and the first words of the keys that it makes old. */
const CONCERNS: Record<string, string[]> = {
  scan: ["artifacts", "artifact", "scans", "overview"],
  artifact: ["namespaces", "repositories", "artifacts", "artifact", "overview", "search"],
  verdict: ["artifacts", "artifact", "overview", "refusals"],
  database: ["database", "overview", "vulnerability", "findings"],
};

/** So many events of a push or of a new database come at once; one reading serves them all. */
const GATHER_MILLISECONDS = 700;

/** Gathers keys and makes them old together. */
export function gatherer(
  invalidate: (nouns: Set<string>) => void,
  milliseconds = GATHER_MILLISECONDS,
): (kind: string) => void {
  let nouns = new Set<string>();
  let isWaiting = false;
  return (kind) => {
    for (const noun of CONCERNS[kind] ?? Object.values(CONCERNS).flat()) nouns.add(noun);
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      const gathered = nouns;
      nouns = new Set();
      isWaiting = false;
      invalidate(gathered);
    }, milliseconds);
  };
}

function invalidate(queries: QueryClient, nouns: Set<string>): void {
  void queries.invalidateQueries({ predicate: (query) => nouns.has(String(query.queryKey[0])) });
}

const CHANNEL = "plimsoll.live";
/** How long a stream may be gone before the page says so. */
const PATIENCE_MILLISECONDS = 8_000;

/** Listens as long as the caller is there. Gives whether the stream stands. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const hear = gatherer((nouns) => invalidate(queries, nouns));
    const ended = new AbortController();
    // A browser allows six connections to a server over all tabs: one tab listens and tells the others.
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }) => hear(String(data));
    const lead = () =>
      new Promise<void>((resolve) => {
        const stop = listen((kind) => {
          hear(kind);
          channel.postMessage(kind);
        }, setConnected);
        ended.signal.addEventListener("abort", () => {
          stop();
          resolve();
        });
      });
    if (navigator.locks === undefined) void lead();
    else navigator.locks.request(CHANNEL, { signal: ended.signal }, lead).catch(() => undefined);
    return () => {
      ended.abort();
      channel.close();
    };
  }, [queries]);
  return connected;
}

/** Listens, and comes again by itself: the server ends each stream after a while. */
function listen(hear: (kind: string) => void, connected: (is: boolean) => void): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let isNew = true;
  const open = () => {
    source = new EventSource(`${BASE}/events/stream`);
    source.addEventListener("hello", () => {
      clearTimeout(silence);
      silence = undefined;
      connected(true);
      // What happened meanwhile was told to nobody.
      if (!isNew) hear("missed");
      isNew = false;
    });
    for (const kind of [...Object.keys(CONCERNS), "missed"]) source.addEventListener(kind, () => hear(kind));
    source.onerror = () => {
      silence ??= setTimeout(() => connected(false), PATIENCE_MILLISECONDS);
      // After a refusal a browser does not try again; after a broken line it does.
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, 5_000);
    };
  };
  open();
  return () => {
    source?.close();
    clearTimeout(again);
    clearTimeout(silence);
  };
}
