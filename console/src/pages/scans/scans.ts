// Scans, as their page groups and reckons them. Pure.
import type { ScanEntry } from "~/api/types";

/** How long a scan took, or takes so far, in seconds; none before a worker took it. */
export function tookSeconds(scan: ScanEntry, now: Date): number | undefined {
  if (!scan.started_at) return undefined;
  // It waits to be tried again: nothing runs.
  if (!scan.ended_at && scan.state !== "scanning") return undefined;
  const end = scan.ended_at ? new Date(scan.ended_at) : now;
  return Math.max(0, (end.getTime() - new Date(scan.started_at).getTime()) / 1000);
}

/** When what waits will be done, at the pace of the last hour; none where nothing says so. */
export function remainingSeconds(figures: {
  queued: number;
  scanning: number;
  completed: number;
  failed: number;
}): number | undefined {
  const ended = figures.completed + figures.failed;
  const waiting = figures.queued + figures.scanning;
  if (ended === 0 || waiting === 0) return undefined;
  return (waiting * 3600) / ended;
}

/** Minutes gathered by so many, so that bars are wide enough to be seen. */
export function gathered<T extends { at: string; completed: number; failed: number }>(
  minutes: T[],
  by: number,
) {
  const bars: { at: string; completed: number; failed: number }[] = [];
  for (let place = 0; place < minutes.length; place += by) {
    const some = minutes.slice(place, place + by);
    bars.push({
      at: some[0]?.at ?? "",
      completed: some.reduce((sum, it) => sum + it.completed, 0),
      failed: some.reduce((sum, it) => sum + it.failed, 0),
    });
  }
  return bars;
}

/** Why a scan failed, for a cell: a line of its log, without its time and with the beginnings of digests. */
export function shortWhy(why: string): string {
  return why.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, "").replaceAll(/(sha256:[\da-f]{12})[\da-f]{52}/g, "$1…");
}
