// Registries of others: what each is, whether it answers, and which login it is asked with.
import { Button } from "@mantine/core";
import { Cable, Pencil, Plus, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAct, useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { Registry } from "~/api/types";
import { useFormat, useSaid, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { registryWords } from "~/i18n/words/registries";
import { plain } from "~/parts/Advisory";
import { Confirm } from "~/parts/Confirm";
import { type Column, DataTable } from "~/parts/DataTable";
import { deedsColumn } from "~/parts/RowMenu";
import { Said } from "~/parts/Said";
import { Cut, Empty, Failure, Loading } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { TimeAgo } from "~/parts/Values";
import css from "./administration.module.css";
import { EditRegistry } from "./EditRegistry";
import { checkRegistry, deleteRegistry, useRepositories } from "./registryCalls";

export default function Registries() {
  const say = useWords(registryWords);
  const old = useOld();
  const toasts = useToasts();
  const check = useCheck();
  const list = usePages(["registries"], (cursor, signal) =>
    answer(api.GET("/registries", { params: { query: { cursor, limit: 100 } }, signal })),
  );
  const [edited, setEdited] = useState<Registry | "new">();
  const [deleted, setDeleted] = useState<Registry>();
  const add = (
    <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setEdited("new")}>
      {say("add")}
    </Button>
  );
  return (
    <>
      <DataTable
        id="registries"
        label={say("registries")}
        columns={useRegistryColumns({ edit: setEdited, check, remove: setDeleted })}
        rows={list.items}
        rowKey={(row) => String(row.id)}
        rowLabel={(row) => row.name}
        rowHeight={58}
        {...list}
        details={(row) => <Details registry={row} />}
        toolbar={
          <>
            {add}
            <span className="dim">{say("lead")}</span>
          </>
        }
        empty={
          <Empty title={say("none")} icon={Cable}>
            <p>{say("noneText")}</p>
          </Empty>
        }
      />
      {edited && (
        <EditRegistry registry={edited === "new" ? undefined : edited} close={() => setEdited(undefined)} />
      )}
      <Confirm
        isOpen={deleted !== undefined}
        close={() => setDeleted(undefined)}
        title={say("remove")}
        action={say("remove")}
        onConfirm={async () => {
          if (!deleted) return;
          await deleteRegistry(deleted.id);
          old("registries");
          toasts.done(say("removed", { name: deleted.name }));
        }}
      >
        {say("removeText", { name: deleted?.name ?? "" })}
      </Confirm>
    </>
  );
}

/** Asks a registry how it is, and tells. */
function useCheck(): (registry: Registry) => void {
  const say = useWords(registryWords);
  const said = useSaid();
  const toasts = useToasts();
  const old = useOld();
  const [act] = useAct();
  return ({ id, name }) =>
    act(async () => {
      const { problem } = await checkRegistry(id);
      old("registries");
      if (!problem) return say("answers", { name });
      toasts.bad(say("trouble", { name, problem: said(problem) }));
      return undefined;
    });
}

function useRegistryColumns(deeds: {
  edit: (it: Registry) => void;
  check: (it: Registry) => void;
  remove: (it: Registry) => void;
}): Column<Registry>[] {
  const say = useWords(registryWords);
  const word = useWords(forms);
  const format = useFormat();
  return [
    {
      key: "name",
      title: word("name"),
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <span style={{ minWidth: 0, display: "block" }}>
          <strong>{plain(row.name)}</strong>
          <span className="dim truncate mono" style={{ display: "block" }} title={row.host}>
            {plain(row.host)}
          </span>
        </span>
      ),
    },
    { key: "kind", title: say("kind"), width: "minmax(110px, 1fr)", cell: (row) => <Kind registry={row} /> },
    {
      key: "state",
      title: say("state"),
      width: "minmax(180px, 3fr)",
      cell: (row) => <State registry={row} />,
    },
    {
      key: "account",
      title: say("account"),
      width: "minmax(110px, 1fr)",
      isExtra: true,
      cell: (row) => row.username ?? <span className="dim">{say("nobody")}</span>,
    },
    {
      key: "namespaces",
      title: say("namespaces"),
      width: "110px",
      align: "end",
      cell: (row) => format.number(row.namespaces),
    },
    deedsColumn(
      (row) => row.name,
      (row) => [
        { label: say("check"), icon: RotateCw, act: () => deeds.check(row) },
        { label: word("edit"), icon: Pencil, act: () => deeds.edit(row) },
        { label: say("remove"), icon: Trash2, isBad: true, act: () => deeds.remove(row) },
      ],
    ),
  ];
}

function Kind({ registry: { kind } }: { registry: Registry }) {
  const say = useWords(registryWords);
  return kind ? say(`kind.${kind}`) : <span className="dim">–</span>;
}

function State({ registry: { checked_at: checked, problem, insecure } }: { registry: Registry }) {
  const say = useWords(registryWords);
  if (!checked) return <span className="dim">{say("notChecked")}</span>;
  return (
    <span style={{ minWidth: 0, display: "block" }}>
      <span className={css.badges}>
        <span
          className={css.badge}
          data-bad={Boolean(problem) || undefined}
          data-good={!problem || undefined}
        >
          {say(problem ? "bad" : "good")}
        </span>
        {insecure && (
          <span className={css.badge} data-warn>
            {say("isInsecure")}
          </span>
        )}
        <span className="dim">
          <TimeAgo time={checked} />
        </span>
      </span>
      {problem && (
        <span className={`dim ${css.clamped}`} title={plain(problem)}>
          <Said text={plain(problem)} isShort />
        </span>
      )}
    </span>
  );
}

function Details({ registry }: { registry: Registry }) {
  const say = useWords(registryWords);
  const format = useFormat();
  const { author, created_at: created, username, problem } = registry;
  return (
    <div className="stack">
      {problem && (
        <div className={css.notice}>
          <Said text={plain(problem)} />
        </div>
      )}
      <dl className={css.facts}>
        <dt>{say("account")}</dt>
        <dd>{username ? <code>{plain(username)}</code> : say("nobody")}</dd>
        <dt>{say("by")}</dt>
        <dd>
          {plain(author.replace(/^user\//, ""))}, {format.dateTime(new Date(created))}
        </dd>
      </dl>
      <Repositories registry={registry} />
    </div>
  );
}

/** So many are shown of what it has. */
const SHOWN = 200;

function Repositories({ registry: { id } }: { registry: Registry }) {
  const say = useWords(registryWords);
  const found = useRepositories(id);
  return (
    <section>
      <h2 className={css.heading}>{say("repositories")}</h2>
      {found.error ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : found.isPending ? (
        <Loading rows={2} height={20} />
      ) : found.data.problem ? (
        <p className="dim">
          {say("notTold")} <Said text={plain(found.data.problem)} />
        </p>
      ) : found.data.items.length === 0 ? (
        <p className="dim">{say("noRepositories")}</p>
      ) : (
        <>
          <p style={{ overflowWrap: "anywhere" }}>
            {found.data.items.slice(0, SHOWN).map((it) => (
              <span key={it}>
                <code>{plain(it)}</code>{" "}
              </span>
            ))}
          </p>
          <Cut isCut={found.data.is_cut || found.data.items.length > SHOWN} count={SHOWN} />
        </>
      )}
    </section>
  );
}
