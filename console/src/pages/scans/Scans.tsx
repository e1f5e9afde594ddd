// Scans: what waits and runs, what failed and why, how fast it goes; and having it done again.

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RotateCw, Square } from "lucide-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { useAct, useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import { useMay } from "~/api/session";
import type { ScanEntry, ScanState } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { scanWords } from "~/i18n/words/scans";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { shortDigest } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters } from "~/parts/Filters";
import { Said } from "~/parts/Said";
import { Empty } from "~/parts/States";
import { StateWord } from "~/parts/StateWord";
import { TimeAgo, useNow } from "~/parts/Values";
import { Figures } from "./Figures";
import { shortWhy, tookSeconds } from "./scans";
import css from "./scans.module.css";

const DEFAULTS = { state: "", newest: "yes" };
const STATES = ["queued", "scanning", "failed", "complete", "stopped"] as const;
const SCAN = "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scan";

const OF_NAMESPACE = "/namespaces/{namespace}/scans";

export function Scans({ namespace }: { namespace?: string }) {
  const say = useWords(scanWords);
  const word = useWords(parts);
  const may = useMay("scan", namespace);
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const figures = useQuery({
    queryKey: ["scans", namespace ?? "", "figures"],
    queryFn: ({ signal }) =>
      namespace === undefined
        ? answer(api.GET("/scans/figures", { signal }))
        : answer(api.GET(`${OF_NAMESPACE}/figures`, { params: { path: { namespace } }, signal })),
    refetchInterval: 30_000,
  });
  const list = usePages(["scans", namespace ?? "", "list", state], (cursor, signal) => {
    const query = {
      cursor,
      limit: 100,
      state: (state.state || undefined) as ScanState | undefined,
      newest: state.newest === "yes" || undefined,
    };
    return namespace === undefined
      ? answer(api.GET("/scans", { params: { query }, signal }))
      : answer(api.GET(OF_NAMESPACE, { params: { path: { namespace }, query }, signal }));
  });
  return (
    <>
      <Figures
        figures={figures.data}
        error={figures.error}
        again={() => void figures.refetch()}
        choose={(state) => change({ state })}
      />
      <DataTable
        id="scans"
        label={say("scans")}
        columns={useScanColumns(namespace)}
        rows={list.items}
        rowKey={(row) => String(row.id)}
        rowLabel={(row) => `${row.namespace}/${row.repository}`}
        rowHeight={58}
        {...list}
        toolbar={
          <>
            <ChoiceFilter
              label={say("state")}
              value={state.state}
              onChange={(next) => change({ state: next })}
              choices={STATES.map((it) => ({ value: it, label: word(it) }))}
            />
            <ChoiceFilter
              label={say("which")}
              value={state.newest}
              onChange={(newest) => change({ newest: newest || "no" })}
              choices={[
                { value: "yes", label: say("newest") },
                { value: "no", label: say("all") },
              ]}
              width={190}
            />
            <ClearFilters isChanged={isChanged} clear={clear} />
            {may && (
              <RetryAll namespace={namespace} failed={state.state === "failed" && list.items.length > 0} />
            )}
          </>
        }
        empty={
          isChanged ? (
            <Empty title={say("noneFound")} />
          ) : (
            <Empty title={say("none")}>
              <p>{say("noneText")}</p>
            </Empty>
          )
        }
      />
    </>
  );
}

/** Has everything scanned again whose newest scan failed. */
function RetryAll({ namespace, failed }: { namespace?: string; failed: boolean }) {
  const say = useWords(scanWords);
  const old = useOld();
  const [act, isBusy] = useAct();
  if (!failed) return null;
  const retry = () =>
    act(async () => {
      const { requested } =
        namespace === undefined
          ? await answer(api.POST("/scans/retry"))
          : await answer(api.POST(OF_NAMESPACE, { params: { path: { namespace } }, body: { failed: true } }));
      old("scans", "artifacts", "artifact");
      return say("retried", { count: requested });
    });
  return (
    <Button size="xs" variant="default" leftSection={<RotateCw size={14} />} loading={isBusy} onClick={retry}>
      {say("retryAll")}
    </Button>
  );
}

function useScanColumns(namespace: string | undefined): Column<ScanEntry>[] {
  const say = useWords(scanWords);
  return useMemo(
    () => [
      {
        key: "artifact",
        title: say("artifact"),
        width: "minmax(180px, 2fr)",
        cell: (row) => (
          <Link to={to.artifact(row.namespace, row.repository, row.digest)}>
            {namespace === undefined && `${row.namespace}/`}
            {row.repository} <span className="dim mono">@{shortDigest(row.digest)}</span>
          </Link>
        ),
      },
      {
        key: "state",
        title: say("state"),
        width: "minmax(150px, 2.4fr)",
        cell: (row) => <State scan={row} />,
      },
      {
        key: "asked",
        title: say("asked"),
        width: "150px",
        cell: (row) => (
          <span>
            <TimeAgo time={row.asked_at} />
            <span className={css.second}>{plain(row.asked_by.replace(/^user\//, ""))}</span>
          </span>
        ),
      },
      { key: "took", title: say("took"), width: "90px", align: "end", cell: (row) => <Took scan={row} /> },
      {
        key: "actions",
        title: "",
        width: "170px",
        align: "end",
        isFixed: true,
        cell: (row) => <Deeds scan={row} />,
      },
    ],
    [say, namespace],
  );
}

function State({ scan }: { scan: ScanEntry }) {
  const say = useWords(scanWords);
  const format = useFormat();
  const now = useNow();
  const percent = scan.progress_percent ?? 0;
  return (
    <span className={css.state}>
      <span className="row" style={{ gap: 8 }}>
        <StateWord state={scan.state} />
        {scan.state === "scanning" && (
          <>
            <span
              className={css.progress}
              role="progressbar"
              aria-valuenow={percent}
              aria-valuemin={0}
              aria-valuemax={100}
              aria-label={say("progress")}
            >
              <span style={{ width: `${percent}%` }} />
            </span>
            <span>{format.percent(percent / 100)}</span>
          </>
        )}
        {scan.attempts > 1 && <span className="dim">{say("attempts", { count: scan.attempts })}</span>}
        {scan.again_at && scan.state === "queued" && new Date(scan.again_at) > now && (
          <span className="dim">{say("again", { ago: format.relative(new Date(scan.again_at), now) })}</span>
        )}
      </span>
      {scan.why && (
        <span className={css.why} title={plain(scan.why)}>
          <Said text={shortWhy(scan.why)} isShort />
        </span>
      )}
    </span>
  );
}

function Took({ scan }: { scan: ScanEntry }) {
  const format = useFormat();
  const now = useNow(5);
  const seconds = tookSeconds(scan, now);
  return (
    <span className={seconds === undefined ? "dim" : undefined}>
      {seconds === undefined ? "–" : format.duration(seconds)}
    </span>
  );
}

function Deeds({ scan }: { scan: ScanEntry }) {
  const say = useWords(scanWords);
  const may = useMay("scan", scan.namespace);
  const old = useOld();
  const [act, isBusy] = useAct();
  const params = {
    path: { namespace: scan.namespace, repository: scan.repository, reference: scan.digest },
  };
  const changed = () => old("scans", "artifacts", "artifact");
  const retry = () =>
    act(async () => {
      const { scans } = await answer(api.POST(SCAN, { params }));
      changed();
      return say("retried", { count: scans });
    });
  const stop = () =>
    act(async () => {
      await answer(api.DELETE(SCAN, { params }));
      changed();
      return say("stopped");
    });
  const isOnItsWay = scan.state === "queued" || scan.state === "scanning";
  const mayRetry = scan.state === "failed" || scan.state === "stopped";
  return (
    <span className="row" style={{ justifyContent: "flex-end", gap: 6 }}>
      {(scan.state === "failed" || scan.why) && (
        <Link to={to.artifact(scan.namespace, scan.repository, scan.digest, { tab: "log" })}>
          {say("viewLog")}
        </Link>
      )}
      {may && mayRetry && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<RotateCw size={12} />}
          loading={isBusy}
          onClick={retry}
        >
          {say("retry")}
        </Button>
      )}
      {may && isOnItsWay && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<Square size={11} />}
          loading={isBusy}
          onClick={stop}
        >
          {say("stop")}
        </Button>
      )}
    </span>
  );
}
