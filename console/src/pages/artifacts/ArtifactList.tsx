// A list of artifacts: of a repository, of a namespace, or of all that whoever looks may read.
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { to } from "~/addresses";
import { usePages } from "~/api/pages";
import { useMay } from "~/api/session";
import type { ArtifactListed } from "~/api/types";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { useAddressState } from "~/parts/address";
import { DataTable } from "~/parts/DataTable";
import { ClearFilters } from "~/parts/Filters";
import { Empty } from "~/parts/States";
import { useArtifactColumns } from "./columns";
import { ArtifactFilters, FILTERS } from "./Filters";
import { keyOf, PartsOfList, useParts } from "./parts";
import { useIsElsewhere } from "./place";
import { type ArtifactQuery, queryOf } from "./query";
import { SelectionActions } from "./SelectionActions";

interface ArtifactListProps {
  /** Under which its columns are kept. */
  id: string;
  /** Tells the list from others in the memory of answers. */
  scope: string[];
  read: (
    query: ArtifactQuery,
    signal: AbortSignal,
  ) => Promise<{ items: ArtifactListed[]; next: string | null }>;
  /** Where they all are; of several, something may be done with many by whoever may do it everywhere. */
  namespace?: string;
  /** Whether the artifacts are of more than one repository. */
  hasRepository?: boolean;
  /** What is said where there is none at all. */
  none?: ReactNode;
}

export function ArtifactList({ id, scope, read, namespace, hasRepository, none }: ArtifactListProps) {
  const say = useWords(namespaces);
  const navigate = useNavigate();
  const address = useAddressState(FILTERS);
  const { state, change } = address;
  const list = usePages(["artifacts", ...scope, state], (cursor, signal) =>
    read({ ...queryOf(state), cursor, limit: 100 }, signal),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const rowsChosen = useMemo(() => list.items.filter((it) => chosen.has(keyOf(it))), [list.items, chosen]);
  const keep = useCallback((rows: ArtifactListed[]) => setChosen(new Set(rows.map(keyOf))), []);
  const mayScan = useMay("scan", namespace);
  const mayPush = useMay("push", namespace);
  const columns = useArtifactColumns({
    hasRepository: hasRepository ?? false,
    hasNamespace: namespace === undefined,
    isElsewhere: useIsElsewhere(namespace),
  });
  const parts = useParts(list.items);
  return (
    <PartsOfList value={parts}>
      <DataTable
        id={id}
        label={say("artifacts")}
        columns={columns}
        rows={list.items}
        rowKey={keyOf}
        rowLabel={(row) => `${row.repository} ${row.tags[0] ?? row.digest}`}
        rowHeight={58}
        {...list}
        sort={state.sort === "oldest" ? "-pushed" : state.sort}
        onSort={(sort) => change({ sort: sort === "pushed" && state.sort === "pushed" ? "oldest" : sort })}
        onOpen={(row) => void navigate(to.artifact(row.namespace, row.repository, row.digest))}
        selection={
          // Nothing is selected where nothing could be done with it.
          !(mayScan || mayPush)
            ? undefined
            : {
                chosen,
                change: setChosen,
                actions: <SelectionActions namespace={namespace} artifacts={rowsChosen} keep={keep} />,
              }
        }
        toolbar={
          <>
            <ArtifactFilters state={state} change={change} hasRepository={hasRepository} />
            <ClearFilters isChanged={address.isChanged} clear={address.clear} />
          </>
        }
        empty={
          address.isChanged ? (
            <Empty title={say("noneFound")} />
          ) : (
            (none ?? <Empty title={say("noArtifacts")} />)
          )
        }
      />
    </PartsOfList>
  );
}
