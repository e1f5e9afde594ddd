// A package by its name: which images have it, in which versions. For the morning on which everybody asks.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { Affected } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { search as area } from "~/i18n/words/search";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { shortDigest } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters } from "~/parts/Filters";
import { PageHeader } from "~/parts/PageHeader";
import { Cut, Empty } from "~/parts/States";

const DEFAULTS = { version: "" };

export default function PackagePage() {
  const say = useWords(area);
  const format = useFormat();
  const { package: name = "" } = useParams();
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const versions = useQuery({
    queryKey: ["artifacts", "package", name, "versions"],
    queryFn: ({ signal }) =>
      answer(api.GET("/packages/{package}/versions", { params: { path: { package: name } }, signal })),
  });
  const list = usePages(["artifacts", "package", name], (cursor, signal) =>
    answer(
      api.GET("/packages/{package}/artifacts", {
        params: { path: { package: name }, query: { cursor, limit: 500 } },
        signal,
      }),
    ),
  );
  const rows = useMemo(
    () => list.items.filter((it) => state.version === "" || it.version === state.version),
    [list.items, state.version],
  );
  const choices = useMemo(() => {
    const counted = new Map<string, number>();
    for (const it of versions.data?.items ?? []) {
      counted.set(it.version, (counted.get(it.version) ?? 0) + it.artifacts);
    }
    return [...counted].map(([version, count]) => ({
      value: version,
      label: `${version} (${format.number(count)})`,
    }));
  }, [versions.data, format]);
  return (
    <>
      <PageHeader title={plain(name)} lead={say("packageLead")} />
      <DataTable
        id="package-artifacts"
        label={say("artifacts")}
        columns={useColumns()}
        rows={rows}
        rowKey={(row) => `${row.namespace}/${row.repository}@${row.digest} ${row.purl}`}
        rowLabel={(row) => `${row.namespace}/${row.repository}`}
        {...list}
        toolbar={
          <>
            <ChoiceFilter
              label={say("version")}
              value={state.version}
              onChange={(version) => change({ version })}
              choices={choices}
              width={260}
            />
            <Cut isCut={versions.data?.is_cut} count={versions.data?.items.length ?? 0} />
            <ClearFilters isChanged={isChanged} clear={clear} />
          </>
        }
        empty={<Empty title={say("noPackage")} />}
      />
    </>
  );
}

function useColumns(): Column<Affected>[] {
  const say = useWords(area);
  return useMemo(
    () => [
      {
        key: "image",
        title: say("image"),
        width: "minmax(180px, 2fr)",
        cell: (row) => (
          <Link to={to.artifact(row.namespace, row.repository, row.digest, { tab: "packages" })}>
            {row.namespace}/{row.repository} <span className="mono dim">{shortDigest(row.digest)}</span>
          </Link>
        ),
      },
      {
        key: "version",
        title: say("version"),
        width: "minmax(140px, 1fr)",
        cell: (row) => <span className="mono">{plain(row.version)}</span>,
      },
      {
        key: "purl",
        title: say("package"),
        width: "minmax(200px, 3fr)",
        cell: (row) => <span className="mono dim">{plain(row.purl)}</span>,
      },
    ],
    [say],
  );
}
