// The packages of an artifact, with where each comes from and what was found in it.
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { PackageListed } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { CopyField } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { Empty } from "~/parts/States";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, resultKey, resultOf } from "../artifact";
import { useLayerChoices } from "../findings/Filters";
import css from "./tabs.module.css";

const DEFAULTS = { q: "", type: "", layer: "" };

const TYPES = [
  "apk",
  "cargo",
  "composer",
  "conan",
  "deb",
  "gem",
  "generic",
  "golang",
  "maven",
  "npm",
  "nuget",
  "pub",
  "pypi",
  "rpm",
  "swift",
];

const packageKey = (row: PackageListed) => `${row.purl} ${row.path}`;

export default function PackagesTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const layers = useLayerChoices(address);
  const list = usePages(resultKey(address, resultOf(overview), "packages", state), (cursor, signal) =>
    answer(
      api.GET(`${ARTIFACT}/packages`, {
        params: {
          path: address,
          query: {
            cursor,
            limit: 500,
            q: state.q || undefined,
            type: state.type || undefined,
            diff_id: state.layer || undefined,
          },
        },
        signal,
      }),
    ),
  );
  return (
    <DataTable
      id="packages"
      label={say("packages")}
      columns={usePackageColumns(address)}
      rows={list.items}
      rowKey={packageKey}
      rowLabel={(row) => `${row.name} ${row.version}`}
      rowHeight={45}
      {...list}
      details={(row) => <Details row={row} />}
      toolbar={
        <>
          <TextFilter label={say("packageName")} value={state.q} onChange={(q) => change({ q })} />
          <ChoiceFilter
            label={say("type")}
            value={state.type}
            onChange={(type) => change({ type })}
            choices={TYPES.map((it) => ({ value: it, label: it }))}
            width={130}
          />
          <ChoiceFilter
            label={say("layer")}
            value={state.layer}
            onChange={(layer) => change({ layer })}
            choices={layers}
            width={200}
          />
          <ClearFilters isChanged={isChanged} clear={clear} />
        </>
      }
      empty={<Empty title={isChanged ? lists("noneFound") : say("noPackages")} />}
    />
  );
}

function usePackageColumns({ namespace, repository, reference }: ArtifactAddress): Column<PackageListed>[] {
  const say = useWords(words);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "name",
        title: say("package"),
        width: "minmax(150px, 2fr)",
        cell: (row) => <strong className={css.name}>{plain(row.name)}</strong>,
      },
      {
        key: "version",
        title: say("version"),
        width: "minmax(110px, 1.2fr)",
        cell: (row) =>
          row.version === "" ? (
            <em className="dim">{say("noVersion")}</em>
          ) : (
            <span className={`mono ${css.cut}`} title={plain(row.version)}>
              {plain(row.version)}
            </span>
          ),
      },
      { key: "type", title: say("type"), width: "80px", cell: (row) => row.type },
      {
        key: "license",
        title: say("license"),
        width: "minmax(90px, 1fr)",
        cell: (row) => (
          <span className={css.cut} title={plain(row.license ?? "")}>
            {row.license ? plain(row.license) : <span className="dim">–</span>}
          </span>
        ),
      },
      {
        key: "layer",
        title: say("layer"),
        width: "60px",
        align: "end",
        cell: (row) =>
          row.layer ? <span title={plain(row.layer.instruction ?? "")}>{row.layer.index + 1}</span> : "–",
      },
      {
        key: "path",
        title: say("file"),
        width: "minmax(140px, 2fr)",
        isExtra: true,
        cell: (row) => (
          <span className={`mono ${css.cut}`} title={plain(row.path)}>
            {plain(row.path)}
          </span>
        ),
      },
      {
        key: "findings",
        title: say("findings"),
        width: "116px",
        align: "end",
        cell: (row) =>
          row.findings === 0 ? (
            <span className="dim">0</span>
          ) : (
            <Link to={to.artifact(namespace, repository, reference, { package: row.name })}>
              {format.number(row.findings)}
            </Link>
          ),
      },
    ],
    [say, format, namespace, repository, reference],
  );
}

function Details({ row }: { row: PackageListed }) {
  const say = useWords(words);
  return (
    <dl className={css.facts}>
      <dt>{say("packageUrl")}</dt>
      <dd>
        <CopyField text={plain(row.purl)} />
      </dd>
      <dt>{say("file")}</dt>
      <dd className="mono">{plain(row.path)}</dd>
      {row.architecture && (
        <>
          <dt>{say("architecture")}</dt>
          <dd>{plain(row.architecture)}</dd>
        </>
      )}
      {row.layer && (
        <>
          <dt>{say("layerNumber", { number: row.layer.index + 1 })}</dt>
          <dd className="mono">{plain(row.layer.instruction ?? say("noInstruction"))}</dd>
        </>
      )}
    </dl>
  );
}
