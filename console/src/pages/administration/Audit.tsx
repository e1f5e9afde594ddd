// The audit log: who did what, from where, and what was refused.
import { Ban, Check } from "lucide-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { AuditLine, Namespace } from "~/api/types";
import { useFormat, useLanguage, useWords } from "~/i18n";
import { auditWords } from "~/i18n/words/audit";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { CopyButton } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { Empty } from "~/parts/States";
import css from "./administration.module.css";
import { actionsIn, actorOf, exactly, queryOf, sentenceOf, targetOf } from "./audit";

const DEFAULTS = { q: "", action: "", outcome: "" };

export default function AuditTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  return <Audit namespace={namespace} />;
}

export function AuditEverywhere() {
  return <Audit />;
}

function Audit({ namespace }: { namespace?: string }) {
  const say = useWords(auditWords);
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const { language } = useLanguage();
  const actions = useMemo(() => actionsIn(language), [language]);
  const list = usePages(["audit", namespace ?? "", state], (first, signal) =>
    exactly(state.action, first, (cursor) => {
      const query = { ...queryOf(state), cursor, limit: 100 };
      return namespace === undefined
        ? answer(api.GET("/audit", { params: { query }, signal }))
        : answer(
            api.GET("/namespaces/{namespace}/audit", { params: { path: { namespace }, query }, signal }),
          );
    }),
  );
  return (
    <DataTable
      id="audit"
      label={say("audit")}
      columns={useAuditColumns(namespace === undefined)}
      rows={list.items}
      rowKey={(row) => String(row.id)}
      rowLabel={(row) => `${row.actor} ${row.action}`}
      {...list}
      details={(row) => <Details line={row} />}
      toolbar={
        <>
          <TextFilter label={say("filter")} value={state.q} onChange={(q) => change({ q })} width={260} />
          <ChoiceFilter
            label={say("what")}
            value={state.action}
            onChange={(action) => change({ action })}
            choices={actions}
            width={220}
            isLong
          />
          <ChoiceFilter
            label={say("outcome")}
            value={state.outcome}
            onChange={(outcome) => change({ outcome })}
            choices={[
              { value: "allowed", label: say("allowed") },
              { value: "refused", label: say("refused") },
            ]}
          />
          <ClearFilters isChanged={isChanged} clear={clear} />
        </>
      }
      empty={<Empty title={isChanged ? say("noneFound") : say("none")} />}
    />
  );
}

function useAuditColumns(isEverywhere: boolean): Column<AuditLine>[] {
  const say = useWords(auditWords);
  const format = useFormat();
  const { language } = useLanguage();
  return useMemo(() => {
    const columns: Column<AuditLine>[] = [
      {
        key: "at",
        title: say("when"),
        width: "190px",
        cell: (row) => (
          <time dateTime={row.at} className="nowrap">
            {format.dateTime(new Date(row.at))}
          </time>
        ),
      },
      {
        key: "actor",
        title: say("who"),
        width: "minmax(110px, 1fr)",
        cell: (row) => plain(actorOf(row.actor)),
      },
      {
        key: "action",
        title: say("what"),
        width: "minmax(150px, 1.5fr)",
        cell: (row) => <span title={row.action}>{sentenceOf(row.action, language)}</span>,
      },
      {
        key: "target",
        title: say("target"),
        width: "minmax(140px, 2fr)",
        cell: (row) => (
          <span className="truncate" style={{ display: "block" }} title={plain(row.target)}>
            {plain(targetOf(row))}
          </span>
        ),
      },
    ];
    if (isEverywhere) {
      columns.push({
        key: "namespace",
        title: say("namespace"),
        width: "minmax(90px, 1fr)",
        cell: (row) =>
          row.namespace ? (
            <Link to={to.namespace(row.namespace)}>{row.namespace}</Link>
          ) : (
            <span className="dim">–</span>
          ),
      });
    }
    columns.push(
      {
        key: "outcome",
        title: say("outcome"),
        width: "110px",
        cell: (row) => <Outcome isAllowed={row.allowed} />,
      },
      {
        key: "address",
        title: say("address"),
        width: "130px",
        isExtra: true,
        cell: (row) => <code>{row.address ?? "–"}</code>,
      },
    );
    return columns;
  }, [say, format, language, isEverywhere]);
}

function Outcome({ isAllowed }: { isAllowed: boolean }) {
  const say = useWords(auditWords);
  const Icon = isAllowed ? Check : Ban;
  return (
    <span className={css.badge} data-bad={!isAllowed || undefined}>
      <Icon size={12} aria-hidden="true" style={{ verticalAlign: -1, marginInlineEnd: 4 }} />
      {say(isAllowed ? "allowed" : "refused")}
    </span>
  );
}

function Details({ line }: { line: AuditLine }) {
  const say = useWords(auditWords);
  const facts: [string, string | null | undefined][] = [
    [say("action"), line.action],
    [say("target"), line.target],
    [say("address"), line.address],
    [say("detail"), line.detail],
    [say("number"), String(line.id)],
  ];
  return (
    <dl className={css.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>
              <span className={css.pre}>{plain(value ?? "")}</span> <CopyButton text={value ?? ""} />
            </dd>
          </div>
        ))}
    </dl>
  );
}
