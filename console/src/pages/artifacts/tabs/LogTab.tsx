// What was written down while an artifact was scanned: each scan with its log.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { ScanListed } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { CopyButton } from "~/parts/Copy";
import { Empty, Failure, Loading } from "~/parts/States";
import { StateWord } from "~/parts/StateWord";
import { TimeAgo } from "~/parts/Values";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, isIndex, keyOf } from "../artifact";
import css from "./tabs.module.css";

const DEFAULTS = { scan: "" };

export default function LogTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(words);
  const { state, change } = useAddressState(DEFAULTS);
  const scans = useScans(address);
  if (scans.error && scans.items.length === 0) return <Failure error={scans.error} again={scans.again} />;
  if (scans.isPending) return <Loading />;
  if (scans.items.length === 0) {
    return <Empty title={say("noScans")}>{isIndex(overview) && <p>{say("indexLog")}</p>}</Empty>;
  }
  const shown = scans.items.find((it) => String(it.id) === state.scan) ?? scans.items[0];
  return (
    <div className={css.log}>
      <nav aria-label={say("scans")} className={css.scans}>
        {scans.items.map((it) => (
          <button
            key={it.id}
            type="button"
            className={css.scan}
            aria-current={it === shown ? "true" : undefined}
            onClick={() => change({ scan: String(it.id) })}
          >
            <StateWord state={it.state} />
            <span className="dim">
              <TimeAgo time={it.asked_at} />
            </span>
          </button>
        ))}
        {scans.hasMore && (
          <Button size="compact-xs" variant="subtle" onClick={scans.more}>
            {say("olderScans")}
          </Button>
        )}
      </nav>
      {shown && <Log address={address} scan={shown} />}
    </div>
  );
}

/** The scans of an artifact, newest first. */
export function useScans(address: ArtifactAddress) {
  return usePages(keyOf(address, "scans"), (cursor, signal) =>
    answer(api.GET(`${ARTIFACT}/scans`, { params: { path: address, query: { cursor, limit: 50 } }, signal })),
  );
}

function Log({ address, scan }: { address: ArtifactAddress; scan: ScanListed }) {
  const say = useWords(words);
  const format = useFormat();
  const isRunning = scan.state === "scanning" || scan.state === "queued";
  const log = useQuery({
    queryKey: keyOf(address, "log", scan.id, scan.state),
    queryFn: ({ signal }) =>
      answer(
        api.GET(`${ARTIFACT}/scans/{scan}/log`, {
          params: { path: { ...address, scan: scan.id } },
          parseAs: "text",
          signal,
        }),
      ),
    enabled: scan.has_log,
    refetchInterval: isRunning ? 3_000 : false,
  });
  const seconds = scan.ended_at ? (Date.parse(scan.ended_at) - Date.parse(scan.asked_at)) / 1000 : undefined;
  const text = log.data === undefined ? undefined : plain(String(log.data));
  return (
    <section className={css.frame} aria-label={say("log")}>
      <div className={css.logHead}>
        <span>{say("scanNumber", { id: String(scan.id), by: scan.asked_by })}</span>
        <span className="dim">{format.dateTime(new Date(scan.asked_at))}</span>
        {seconds !== undefined && seconds >= 0 && <span className="dim">{format.duration(seconds)}</span>}
        {text && <CopyButton text={text} />}
      </div>
      {log.error && <Failure error={log.error} again={() => void log.refetch()} />}
      {!scan.has_log && <p className={`dim ${css.inside}`}>{say("noLog")}</p>}
      {scan.has_log && log.isPending && <Loading rows={4} height={18} />}
      {text !== undefined && (
        <pre className={css.lines} tabIndex={0}>
          {text
            .trimEnd()
            .split("\n")
            .map((line, place) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a log do not move
                key={place}
                className={css.logLine}
                data-bad={/\b(error|failed)\b/i.test(line) || undefined}
              >
                {`${line}\n`}
              </span>
            ))}
        </pre>
      )}
    </section>
  );
}
