// Who was refused which image, how often and why; one line for each day, account and image.
import { Tooltip } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { RefusedPull } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { policyWords } from "~/i18n/words/policy";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { shortDigest } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { Said } from "~/parts/Said";
import { Empty } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import css from "./exceptions.module.css";

const DEFAULTS = { q: "", days: "30" };
const DAYS = [1, 7, 30, 90, 365];

export function RefusedPulls({ namespace }: { namespace?: string }) {
  const say = useWords(policyWords);
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const days = Number(state.days) || 30;
  const list = usePages(["refusals", namespace ?? "", days], (cursor, signal) => {
    const query = { cursor, limit: 200, days };
    return namespace === undefined
      ? answer(api.GET("/refused-pulls", { params: { query }, signal }))
      : answer(
          api.GET("/namespaces/{namespace}/refused-pulls", {
            params: { path: { namespace }, query },
            signal,
          }),
        );
  });
  const rows = useMemo(() => {
    const text = state.q.toLowerCase();
    return list.items.filter((it) =>
      [it.namespace, it.repository, it.digest, it.account, it.why].some((word) =>
        word?.toLowerCase().includes(text),
      ),
    );
  }, [list.items, state.q]);
  return (
    <DataTable
      id="refused"
      label={say("refused")}
      columns={useRefusedColumns(namespace === undefined)}
      rows={rows}
      rowKey={(row) => String(row.id)}
      rowLabel={(row) => `${row.namespace}/${row.repository}`}
      rowHeight={58}
      {...list}
      details={(row) => (
        <p style={{ margin: 0, maxWidth: "90ch" }}>
          <Said text={row.why} />
        </p>
      )}
      toolbar={
        <>
          <TextFilter
            label={say("filterRefused")}
            value={state.q}
            onChange={(q) => change({ q })}
            width={260}
          />
          <ChoiceFilter
            label={say("period")}
            value={state.days}
            onChange={(days) => change({ days: days || DEFAULTS.days })}
            choices={DAYS.map((count) => ({ value: String(count), label: say("lastDays", { count }) }))}
          />
          <ClearFilters isChanged={isChanged} clear={clear} />
        </>
      }
      empty={
        state.q !== "" ? (
          <Empty title={say("noneFound")} />
        ) : (
          <Empty title={say("refusedEmpty")}>
            <p>{say("refusedEmptyText")}</p>
          </Empty>
        )
      }
    />
  );
}

function useRefusedColumns(isEverywhere: boolean): Column<RefusedPull>[] {
  const say = useWords(policyWords);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "image",
        title: say("image"),
        width: "minmax(170px, 1.5fr)",
        cell: (row) => (
          <Link to={to.artifact(row.namespace, row.repository, row.digest, { tab: "verdict" })}>
            {isEverywhere && `${row.namespace}/`}
            {row.repository} <span className="dim mono">@{shortDigest(row.digest)}</span>
          </Link>
        ),
      },
      { key: "who", title: say("who"), width: "minmax(110px, 1fr)", cell: (row) => <Who pull={row} /> },
      {
        key: "why",
        title: say("why"),
        width: "minmax(200px, 3fr)",
        cell: (row) => (
          <span className={css.reason} title={plain(row.why)}>
            <Said text={row.why} isShort />
          </span>
        ),
      },
      {
        key: "count",
        title: say("count"),
        width: "70px",
        align: "end",
        cell: (row) => format.number(row.count),
      },
      {
        key: "last",
        title: say("last"),
        width: "130px",
        align: "end",
        cell: (row) => <TimeAgo time={row.last_at} />,
      },
    ],
    [say, format, isEverywhere],
  );
}

function Who({ pull }: { pull: RefusedPull }) {
  const say = useWords(policyWords);
  if (pull.account) return <span>{plain(pull.account.replace(/^user\//, ""))}</span>;
  if (!pull.account_hidden) return <span className="dim">{say("nobody")}</span>;
  return (
    <Tooltip label={say("somebodyWhy")} multiline maw={280}>
      <span tabIndex={0} className="dim">
        {say("somebody")}
      </span>
    </Tooltip>
  );
}
