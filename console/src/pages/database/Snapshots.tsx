// Snapshots that are kept, and what one says otherwise than another.
import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { DatabaseSnapshot, SnapshotDifference } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { databaseWords } from "~/i18n/words/database";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { Digest } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { Empty, Failure, Loading } from "~/parts/States";
import { Bytes, TimeAgo } from "~/parts/Values";
import css from "./database.module.css";

const DEFAULTS = { from: "", to: "", q: "", change: "" };

export function Snapshots() {
  const say = useWords(databaseWords);
  const { state, change } = useAddressState(DEFAULTS);
  const found = useQuery({
    queryKey: ["database", "snapshots"],
    queryFn: ({ signal }) => answer(api.GET("/database/snapshots", { signal })),
  });
  const snapshots = useMemo(() => found.data?.items ?? [], [found.data]);
  const before = (it: DatabaseSnapshot) => snapshots[snapshots.indexOf(it) + 1];
  const compare = (it: DatabaseSnapshot) => {
    const older = before(it);
    if (older) change({ from: String(older.sequence), to: String(it.sequence), q: "", change: "" });
  };
  const isComparing = state.from !== "" && state.to !== "";
  return (
    <div className="stack">
      <DataTable
        id="snapshots"
        label={say("snapshots")}
        columns={useSnapshotColumns((it) => before(it) !== undefined && !it.trouble, compare)}
        rows={snapshots}
        rowKey={(row) => String(row.sequence)}
        rowLabel={(row) => `#${row.sequence}`}
        isPending={found.isPending}
        error={found.error}
        again={() => void found.refetch()}
        empty={<Empty title={say("noSnapshots")} />}
      />
      {isComparing && (
        <Comparison
          // Beginning anew with each pair, so that a table does not show rows of another.
          key={`${state.from} ${state.to}`}
          snapshots={snapshots}
          from={state.from}
          to={state.to}
        />
      )}
    </div>
  );
}

function useSnapshotColumns(
  canCompare: (it: DatabaseSnapshot) => boolean,
  compare: (it: DatabaseSnapshot) => void,
): Column<DatabaseSnapshot>[] {
  const say = useWords(databaseWords);
  return [
    {
      key: "sequence",
      title: say("number"),
      width: "minmax(120px, 1fr)",
      cell: (row) => (
        <span className="row" style={{ gap: 8 }}>
          <strong>#{row.sequence}</strong>
          {row.current && <span className={css.current}>{say("current")}</span>}
        </span>
      ),
    },
    {
      key: "built",
      title: say("built"),
      width: "minmax(120px, 1fr)",
      cell: (row) =>
        row.trouble ? <span className={css.bad}>{plain(row.trouble)}</span> : <TimeAgo time={row.built_at} />,
    },
    {
      key: "digest",
      title: say("digest"),
      width: "minmax(150px, 1.4fr)",
      cell: (row) => (row.digest ? <Digest digest={row.digest} /> : <span className="dim">–</span>),
    },
    {
      key: "size",
      title: say("size"),
      width: "100px",
      align: "end",
      cell: (row) => <Bytes bytes={row.size_bytes} />,
    },
    {
      key: "actions",
      title: "",
      width: "190px",
      align: "end",
      isFixed: true,
      cell: (row) =>
        canCompare(row) && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<GitCompareArrows size={14} />}
            onClick={() => compare(row)}
          >
            {say("changes")}
            <span className="unseen"> #{row.sequence}</span>
          </Button>
        ),
    },
  ];
}

interface ComparisonProps {
  snapshots: DatabaseSnapshot[];
  from: string;
  to: string;
}

const CHANGES = ["added", "changed", "removed"] as const;

function Comparison({ snapshots, from, to }: ComparisonProps) {
  const say = useWords(databaseWords);
  const format = useFormat();
  const columns = useComparisonColumns();
  const { state, change } = useAddressState(DEFAULTS);
  const found = useQuery({
    queryKey: ["database", "comparison", from, to],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/database/compare", { params: { query: { from: Number(from), to: Number(to) } }, signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = useMemo(() => {
    const text = state.q.toLowerCase();
    return (found.data?.items ?? []).filter(
      (it) =>
        (state.change === "" || it.change === state.change) &&
        [it.realm, it.package, it.vulnerability].some((word) => word.toLowerCase().includes(text)),
    );
  }, [found.data, state.q, state.change]);
  const choices = snapshots.map((it) => ({ value: String(it.sequence), label: `#${it.sequence}` }));
  return (
    <section className="stack" aria-label={say("changes")}>
      <div className="row">
        <h2>{say("changes")}</h2>
        <Select
          size="xs"
          w={110}
          aria-label={say("older")}
          allowDeselect={false}
          data={choices}
          value={from}
          onChange={(from) => change({ from: from ?? "" })}
        />
        <span aria-hidden="true">→</span>
        <Select
          size="xs"
          w={110}
          aria-label={say("newer")}
          allowDeselect={false}
          data={choices}
          value={to}
          onChange={(to) => change({ to: to ?? "" })}
        />
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => change({ from: "", to: "", q: "", change: "" })}
        >
          {say("close")}
        </Button>
      </div>
      {found.error ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : found.data === undefined ? (
        <Loading />
      ) : (
        <DataTable
          id="comparison"
          label={say("changes")}
          columns={columns}
          rows={rows}
          rowKey={(row) => `${row.realm} ${row.package} ${row.vulnerability} ${row.change}`}
          rowLabel={(row) => `${row.vulnerability} ${row.package}`}
          toolbar={
            <>
              <span>
                {say("changedCounts", {
                  added: format.number(found.data.added),
                  changed: format.number(found.data.changed),
                  removed: format.number(found.data.removed),
                  packages: format.number(found.data.packages),
                })}
              </span>
              <TextFilter label={say("filterChanges")} value={state.q} onChange={(q) => change({ q })} />
              <ChoiceFilter
                label={say("change")}
                value={state.change}
                onChange={(next) => change({ change: next })}
                choices={CHANGES.map((it) => ({ value: it, label: say(it) }))}
              />
              <ClearFilters
                isChanged={state.q !== "" || state.change !== ""}
                clear={() => change({ q: "", change: "" })}
              />
              {found.data.is_cut && (
                <span className="dim">{say("isCut", { count: found.data.items.length })}</span>
              )}
            </>
          }
          empty={<Empty title={say(found.data.items.length === 0 ? "noChanges" : "noChangeFits")} />}
        />
      )}
    </section>
  );
}

function useComparisonColumns(): Column<SnapshotDifference>[] {
  const say = useWords(databaseWords);
  return useMemo(
    () => [
      {
        key: "vulnerability",
        title: say("vulnerability"),
        width: "minmax(160px, 1.2fr)",
        cell: (row) => <Link to={to.vulnerability(row.vulnerability)}>{plain(row.vulnerability)}</Link>,
      },
      {
        key: "change",
        title: say("change"),
        width: "120px",
        cell: (row) => (
          <span className={css.change} data-change={row.change}>
            {say(row.change)}
          </span>
        ),
      },
      {
        key: "package",
        title: say("package"),
        width: "minmax(140px, 1.5fr)",
        cell: (row) => plain(row.package),
      },
      {
        key: "realm",
        title: say("realm"),
        width: "minmax(110px, 1fr)",
        cell: (row) => <code>{plain(row.realm)}</code>,
      },
    ],
    [say],
  );
}
