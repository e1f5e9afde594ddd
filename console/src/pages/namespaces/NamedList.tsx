// A list whose rows have names: searched by a part of them, opened by Enter.
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { type Page, usePages } from "~/api/pages";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { useAddressState } from "~/parts/address";
import { type Column, DataTable } from "~/parts/DataTable";
import { ClearFilters, TextFilter } from "~/parts/Filters";
import { Empty } from "~/parts/States";

const DEFAULTS = { q: "" };

interface NamedListProps<T> {
  /** Under which its columns are kept. */
  id: string;
  label: string;
  /** Its place in the memory of answers; begins with the noun that is told of. */
  scope: string[];
  columns: Column<T>[];
  read: (
    query: { cursor: string | undefined; limit: number; q: string | undefined },
    signal: AbortSignal,
  ) => Promise<Page<T>>;
  /** Where a row leads. */
  to: (row: T) => string;
  /** What is shown where there is none at all. */
  none: ReactNode;
}

export function NamedList<T extends { name: string }>(props: NamedListProps<T>) {
  const say = useWords(namespaces);
  const navigate = useNavigate();
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const list = usePages<T>([...props.scope, state], (cursor, signal) =>
    props.read({ cursor, limit: 100, q: state.q || undefined }, signal),
  );
  return (
    <DataTable
      id={props.id}
      label={props.label}
      columns={props.columns}
      rows={list.items}
      rowKey={nameOf}
      rowLabel={nameOf}
      {...list}
      onOpen={(row) => void navigate(props.to(row))}
      toolbar={
        <>
          <TextFilter label={say("filter")} value={state.q} onChange={(q) => change({ q })} />
          <ClearFilters isChanged={isChanged} clear={clear} />
        </>
      }
      empty={isChanged ? <Empty title={say("noneFound")} /> : props.none}
    />
  );
}

const nameOf = (row: { name: string }) => row.name;
