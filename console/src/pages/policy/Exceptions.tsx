// What policies overlook for a while: why, on whose word, until when; and what is about to end.
import { Button, Tooltip } from "@mantine/core";
import { CalendarClock, Plus, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { useOld } from "~/api/act";
import { useWhole } from "~/api/all";
import { useMay } from "~/api/session";
import type { Exception, Namespace } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { exceptionWords } from "~/i18n/words/exceptions";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { Confirm } from "~/parts/Confirm";
import { type Column, DataTable, type Selection } from "~/parts/DataTable";
import { SOON_DAYS } from "~/parts/ending";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { deedsColumn } from "~/parts/RowMenu";
import { Empty } from "~/parts/States";
import { TimeAgo, useNow } from "~/parts/Values";
import { AddExceptions } from "./AddExceptions";
import { EXCEPTIONS_EVERYWHERE, type ExceptionCalls, exceptionsOf } from "./exceptionCalls";
import { chosen, conditionsOf, standingOf } from "./exceptions";
import css from "./exceptions.module.css";

const DEFAULTS = { q: "", standing: "", add: "", repository: "" };
const STANDINGS = ["holding", "soon", "unused", "over"] as const;

export default function ExceptionsTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  const calls = useMemo(() => exceptionsOf(namespace), [namespace]);
  return <Exceptions calls={calls} />;
}

export function ExceptionsEverywhere() {
  return <Exceptions calls={EXCEPTIONS_EVERYWHERE} />;
}

function Exceptions({ calls }: { calls: ExceptionCalls }) {
  const say = useWords(exceptionWords);
  const now = useNow();
  const may = useMay("configure", calls.namespace);
  const list = useWhole(["exceptions", calls.namespace ?? ""], calls.list);
  const { state, change, clear } = useAddressState(DEFAULTS);
  const [isAdding, setAdding] = useState(false);
  const [renewed, setRenewed] = useState<Exception>();
  const [ended, setEnded] = useState<Exception[]>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => chosen(list.items, state, now), [list.items, state, now]);
  const isFiltered = state.q !== "" || state.standing !== "";
  // Those for every namespace are shown in each, and ended where they were made.
  const isOwn = (it: Exception) => calls.namespace === undefined || !it.everywhere;
  const columns = useExceptionColumns(may, isOwn, setRenewed, setEnded);
  const soon = list.items.filter((it) => standingOf(it, now) === "soon").length;
  const add = may && (
    <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setAdding(true)}>
      {say("add")}
    </Button>
  );
  const selection: Selection | undefined = may
    ? {
        chosen: selected,
        change: setSelected,
        actions: (
          <Button
            size="compact-sm"
            color="red"
            variant="light"
            onClick={() => setEnded(list.items.filter((it) => selected.has(String(it.id)) && isOwn(it)))}
          >
            {say("end")}
          </Button>
        ),
      }
    : undefined;
  return (
    <>
      {soon > 0 && state.standing !== "soon" && (
        <div className={css.notice} role="status">
          <CalendarClock size={16} aria-hidden="true" />
          <span>{say("soonNotice", { count: soon, days: SOON_DAYS })}</span>
          <Button size="compact-xs" variant="default" onClick={() => change({ standing: "soon" })}>
            {say("show")}
          </Button>
        </div>
      )}
      <DataTable
        id="exceptions"
        label={say("exceptions")}
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.id)}
        rowLabel={(row) => row.vulnerability}
        rowHeight={58}
        {...list}
        selection={selection}
        toolbar={
          <>
            <TextFilter label={say("filter")} value={state.q} onChange={(q) => change({ q })} />
            <ChoiceFilter
              label={say("state")}
              value={state.standing}
              onChange={(standing) => change({ standing })}
              choices={STANDINGS.map((it) => ({ value: it, label: say(`standing.${it}`) }))}
              width={190}
            />
            <ClearFilters isChanged={isFiltered} clear={clear} />
            {list.isCut && <span className="dim">{say("isCut", { count: list.items.length })}</span>}
            {add}
          </>
        }
        empty={
          isFiltered ? (
            <Empty title={say("noneFound")} />
          ) : (
            <Empty title={say("emptyTitle")}>
              <p>{say("emptyText")}</p>
            </Empty>
          )
        }
      />
      {may && (isAdding || state.add !== "") && (
        <AddExceptions
          calls={calls}
          ids={state.add}
          repository={state.repository}
          close={() => {
            setAdding(false);
            change({ add: "", repository: "" });
          }}
        />
      )}
      {renewed && <AddExceptions calls={calls} renewed={renewed} close={() => setRenewed(undefined)} />}
      <EndExceptions
        calls={calls}
        exceptions={ended}
        close={() => {
          setEnded(undefined);
          setSelected(new Set());
        }}
      />
    </>
  );
}

function EndExceptions(props: { calls: ExceptionCalls; exceptions?: Exception[]; close: () => void }) {
  const say = useWords(exceptionWords);
  const old = useOld();
  const { calls, exceptions = [] } = props;
  return (
    <Confirm
      isOpen={props.exceptions !== undefined}
      close={props.close}
      title={say("endTitle")}
      action={say("end")}
      onConfirm={async () => {
        for (const it of exceptions) await calls.end(it.id);
        old("exceptions", "excepted", "artifacts", "artifact", "overview", "policy");
      }}
    >
      <p>{say("endText", { count: exceptions.length })}</p>
      <div className="mono">
        {exceptions
          .slice(0, 12)
          .map((it) => it.vulnerability)
          .join(", ")}
      </div>
    </Confirm>
  );
}

function useExceptionColumns(
  may: boolean,
  isOwn: (it: Exception) => boolean,
  renew: (it: Exception) => void,
  end: (them: Exception[]) => void,
): Column<Exception>[] {
  const say = useWords(exceptionWords);
  const columns: Column<Exception>[] = [
    {
      key: "vulnerability",
      title: say("vulnerability"),
      width: "minmax(150px, 1.2fr)",
      cell: (row) => <Named exception={row} />,
    },
    {
      key: "where",
      title: say("where"),
      width: "minmax(130px, 1.7fr)",
      cell: (row) => <Where exception={row} />,
    },
    {
      key: "reason",
      title: say("reason"),
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <span className={css.reason} title={plain(row.reason)}>
          {plain(row.reason)}
        </span>
      ),
    },
    {
      key: "author",
      title: say("author"),
      width: "112px",
      cell: (row) => (
        <span>
          <span className={css.author}>{row.author.replace(/^user\//, "")}</span>{" "}
          <span className={css.since}>
            <TimeAgo time={row.created_at} />
          </span>
        </span>
      ),
    },
    { key: "ends", title: say("ends"), width: "118px", cell: (row) => <End exception={row} /> },
    {
      key: "matched",
      title: say("matched"),
      width: "104px",
      cell: (row) => (row.matched_at ? <TimeAgo time={row.matched_at} /> : <Unmatched />),
    },
  ];
  if (may) {
    columns.push(
      deedsColumn(
        (row) => row.vulnerability,
        (row) =>
          isOwn(row)
            ? [
                { label: say("renew"), icon: CalendarClock, act: () => renew(row) },
                { label: say("end"), icon: Trash2, isBad: true, act: () => end([row]) },
              ]
            : [],
      ),
    );
  }
  return columns;
}

/** Its page, unless it stands for many. */
function Named({ exception: { vulnerability } }: { exception: Exception }) {
  if (/[*?]/.test(vulnerability)) return <span className="mono">{vulnerability}</span>;
  return <Link to={to.vulnerability(vulnerability)}>{vulnerability}</Link>;
}

function Where({ exception }: { exception: Exception }) {
  const say = useWords(exceptionWords);
  const conditions = conditionsOf(exception);
  return (
    <span className={css.where}>
      {exception.everywhere && <span className={css.everywhere}>{say("everywhere")}</span>}
      {conditions.map((it) => (
        <span key={it.key} className="truncate" title={plain(it.value)}>
          <span className="dim">{say(`where.${it.key}`)}</span> <code>{plain(it.value)}</code>
        </span>
      ))}
      {conditions.length === 0 && !exception.everywhere && (
        <span className="dim">{say("wholeNamespace")}</span>
      )}
    </span>
  );
}

function End({ exception }: { exception: Exception }) {
  const say = useWords(exceptionWords);
  const format = useFormat();
  const now = useNow();
  const { expires_at } = exception;
  if (!expires_at) return <span className="dim">{say("never")}</span>;
  const standing = standingOf(exception, now);
  const at = new Date(expires_at);
  const ago = format.relative(at, now);
  return (
    <span>
      <span className={css.end} data-standing={standing}>
        {standing === "over" ? say("endedAgo", { ago }) : say("endsIn", { ago })}
      </span>{" "}
      <time dateTime={expires_at} className={css.since}>
        {format.date(at)}
      </time>
    </span>
  );
}

function Unmatched() {
  const say = useWords(exceptionWords);
  return (
    <Tooltip label={say("unmatchedWhy")} multiline maw={280}>
      <span tabIndex={0} className="dim">
        {say("unmatched")}
      </span>
    </Tooltip>
  );
}
