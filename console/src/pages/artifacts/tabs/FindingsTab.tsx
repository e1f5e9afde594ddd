// What was found in an artifact: a row for each finding, or for what they have in common.
import { useCallback, useMemo } from "react";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { Finding, FindingGroup } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { useAddressState } from "~/parts/address";
import { DataTable } from "~/parts/DataTable";
import { Empty } from "~/parts/States";
import { ARTIFACT, type ArtifactTabProps, baseOf, isIndex, resultKey, resultOf } from "../artifact";
import { useFindingColumns, useGroupColumns } from "../findings/columns";
import { FindingFilters } from "../findings/Filters";
import { FindingDetails } from "../findings/FindingDetails";
import { GroupMembers } from "../findings/GroupMembers";
import { Here } from "../findings/here";
import { FINDING_FILTERS, type GroupWord, isFiltered, queryOf } from "../findings/query";

/** An image has some hundreds; whoever reads on wants many. */
const FIRST_ROWS = 200;
const PAGE_ROWS = 500;
const rowsOf = (cursor?: string) => (cursor === undefined ? FIRST_ROWS : PAGE_ROWS);
/** Two lines of text. */
const ROW_HEIGHT = 54;

export default function FindingsTab({ address, overview }: ArtifactTabProps) {
  const { state, change } = useAddressState(FINDING_FILTERS);
  const toolbar = <FindingFilters address={address} overview={overview} state={state} change={change} />;
  const shared = { address, overview, state, change, toolbar };
  const here = useMemo(
    () => ({ ...address, base: baseOf(overview), result: resultOf(overview) }),
    [address, overview],
  );
  return (
    <Here value={here}>
      {state.by === "" ? <Findings {...shared} /> : <Groups {...shared} by={state.by as GroupWord} />}
    </Here>
  );
}

interface ListProps extends ArtifactTabProps {
  state: ReturnType<typeof useAddressState<keyof typeof FINDING_FILTERS>>["state"];
  change: ReturnType<typeof useAddressState<keyof typeof FINDING_FILTERS>>["change"];
  toolbar: React.ReactNode;
}

const findingKey = (row: Finding) => `${row.id} ${row.purl} ${row.path}`;
const findingLabel = (row: Finding) => `${row.id} ${row.package}`;
const findingDetails = (row: Finding) => <FindingDetails finding={row} />;

function Findings({ address, overview, state, change, toolbar }: ListProps) {
  const say = useWords(words);
  const list = usePages(resultKey(address, resultOf(overview), "list", state), (cursor, signal) =>
    answer(
      api.GET(`${ARTIFACT}/findings`, {
        params: {
          path: address,
          query: { ...queryOf(state), sort: state.sort as "severity", cursor, limit: rowsOf(cursor) },
        },
        signal,
      }),
    ),
  );
  return (
    <DataTable
      id="findings"
      label={say("findings")}
      columns={useFindingColumns(isIndex(overview))}
      rows={list.items}
      rowKey={findingKey}
      rowLabel={findingLabel}
      rowHeight={ROW_HEIGHT}
      {...list}
      sort={state.sort}
      onSort={(sort) => change({ sort })}
      details={findingDetails}
      toolbar={toolbar}
      empty={<NoFindings isSuppressed={state.suppressed === "yes"} isFiltered={isFiltered(state)} />}
    />
  );
}

const groupKey = (row: FindingGroup) => row.key;

function Groups({ address, overview, state, change, toolbar, by }: ListProps & { by: GroupWord }) {
  const say = useWords(words);
  const list = usePages(resultKey(address, resultOf(overview), "groups", state), (cursor, signal) =>
    answer(
      api.GET(`${ARTIFACT}/findings/groups`, {
        params: { path: address, query: { ...queryOf(state), by, cursor, limit: rowsOf(cursor) } },
        signal,
      }),
    ),
  );
  const details = useCallback(
    (row: FindingGroup) => <GroupMembers by={by} group={row.key} state={state} change={change} />,
    [by, state, change],
  );
  return (
    <DataTable
      key={by}
      id={`findings-${by}`}
      label={say("findings")}
      columns={useGroupColumns(by)}
      rows={list.items}
      rowKey={groupKey}
      rowLabel={groupKey}
      rowHeight={ROW_HEIGHT}
      {...list}
      details={details}
      toolbar={toolbar}
      empty={<NoFindings isSuppressed={state.suppressed === "yes"} isFiltered={isFiltered(state)} />}
    />
  );
}

function NoFindings(props: { isSuppressed: boolean; isFiltered: boolean }) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  if (props.isFiltered) return <Empty title={lists("noneFound")} />;
  return <Empty title={say(props.isSuppressed ? "noSuppressed" : "noFindings")} />;
}
