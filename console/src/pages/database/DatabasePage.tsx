// The vulnerability database: how fresh each feed is, what was set aside, its snapshots and what differs
// between two; updates, and bundles that are brought as a file.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw, Upload } from "lucide-react";
import { useState } from "react";
import { useAct, useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useMay } from "~/api/session";
import type { DatabaseStatus } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { databaseWords } from "~/i18n/words/database";
import { Digest } from "~/parts/Copy";
import { PageHeader } from "~/parts/PageHeader";
import { Empty, Failure, Loading } from "~/parts/States";
import { TabBar } from "~/parts/TabBar";
import { useTab } from "~/parts/useTab";
import { Bytes, TimeAgo, useNow } from "~/parts/Values";
import css from "./database.module.css";
import { Feeds } from "./Feeds";
import { feedOf, feedState, isOld } from "./feeds";
import { ImportBundle } from "./ImportBundle";
import { Snapshots } from "./Snapshots";

const TABS = [{ key: "feeds" }, { key: "snapshots" }] as const;

export function useDatabase() {
  return useQuery({
    queryKey: ["database", "status"],
    queryFn: async ({ signal }) => {
      const status = await answer(api.GET("/database", { signal }));
      return { ...status, feeds: status.feeds.map(feedOf) };
    },
    // No event tells how far an update is.
    refetchInterval: (query) => (query.state.data?.updating ? 4_000 : 60_000),
  });
}

export default function DatabasePage() {
  const say = useWords(databaseWords);
  const found = useDatabase();
  const tab = useTab([...TABS])?.key ?? "feeds";
  if (found.error && found.data === undefined) {
    const isMissing = found.error instanceof ApiError && found.error.kind === "not-available";
    return (
      <>
        <PageHeader title={say("database")} />
        {isMissing ? (
          <Empty title={say("notHere")} />
        ) : (
          <Failure error={found.error} again={() => void found.refetch()} />
        )}
      </>
    );
  }
  const status = found.data;
  return (
    <>
      <PageHeader title={say("database")} lead={say("lead")} actions={<Actions status={status} />} />
      {status === undefined ? (
        <Loading />
      ) : (
        <>
          <Summary status={status} />
          <TabBar
            label={say("database")}
            active={tab}
            tabs={TABS.map((it, place) => ({
              key: it.key,
              label: say(it.key),
              to: place === 0 ? "/database" : `/database?tab=${it.key}`,
            }))}
          />
          {tab === "feeds" ? <Feeds feeds={status.feeds} /> : <Snapshots />}
        </>
      )}
    </>
  );
}

function Actions({ status }: { status?: DatabaseStatus }) {
  const say = useWords(databaseWords);
  const mayUpdate = useMay("configure");
  const mayImport = useMay("administer");
  const [isImporting, setImporting] = useState(false);
  const [act, isBusy] = useAct();
  const old = useOld();
  const update = () =>
    act(async () => {
      const { begun } = await answer(api.POST("/database/update"));
      old("database");
      return say(begun ? "updateBegun" : "updateRuns");
    });
  return (
    <>
      {mayImport && (
        <Button variant="default" leftSection={<Upload size={15} />} onClick={() => setImporting(true)}>
          {say("import")}
        </Button>
      )}
      {mayUpdate && (
        <Button leftSection={<RefreshCw size={15} />} loading={isBusy || status?.updating} onClick={update}>
          {say("update")}
        </Button>
      )}
      {isImporting && <ImportBundle close={() => setImporting(false)} />}
    </>
  );
}

function Summary({ status }: { status: DatabaseStatus }) {
  const say = useWords(databaseWords);
  const format = useFormat();
  const now = useNow();
  const bad = status.feeds.filter((it) => feedState(it, now) === "bad").length;
  const late = status.feeds.filter((it) => feedState(it, now) === "late").length;
  const set = status.feeds.reduce((sum, it) => sum + it.quarantined, 0);
  if (!status.present) {
    return (
      <div className={css.notice} data-bad role="status">
        {say(status.updating ? "firstRuns" : "nothingYet")}
      </div>
    );
  }
  return (
    <>
      {status.trouble && (
        <div className={css.notice} data-bad role="alert">
          {say("trouble")} {status.trouble}
        </div>
      )}
      {isOld(status.built_at, now) && (
        <div className={css.notice} role="status">
          {say("isOld")}
        </div>
      )}
      <div className={css.summary}>
        <div className={`card ${css.tile}`}>
          <span className="dim">{say("built")}</span>
          <span className={css.figure}>
            <TimeAgo time={status.built_at} />
          </span>
          <span className="dim">
            {say(status.updating ? "updating" : status.scheduled === false ? "notScheduled" : "scheduled")}
          </span>
        </div>
        <div className={`card ${css.tile}`}>
          <span className="dim">{say("snapshot")}</span>
          <span className={css.figure}>{status.sequence == null ? "–" : `#${status.sequence}`}</span>
          <span className="row" style={{ gap: 6 }}>
            {status.digest && <Digest digest={status.digest} />}
            {status.size_bytes != null && (
              <span className="dim">
                <Bytes bytes={status.size_bytes} />
              </span>
            )}
          </span>
        </div>
        {status.advisories != null && (
          <div className={`card ${css.tile}`}>
            <span className="dim">{say("advisories")}</span>
            <span className={css.figure}>{format.compact(status.advisories)}</span>
            <span className="dim">
              {say("vulnerabilitiesOf", {
                vulnerabilities: format.compact(status.vulnerabilities ?? 0),
                packages: format.compact(status.packages ?? 0),
              })}
            </span>
          </div>
        )}
        <div className={`card ${css.tile}`}>
          <span className="dim">{say("feeds")}</span>
          <span className={css.figure}>{format.number(status.feeds.length)}</span>
          <span className={bad > 0 ? css.bad : "dim"}>
            {bad > 0
              ? say("feedsBad", { count: bad })
              : late > 0
                ? say("feedsLate", { count: late })
                : set > 0
                  ? say("setAside", { count: set })
                  : say("feedsGood")}
          </span>
        </div>
      </div>
    </>
  );
}
