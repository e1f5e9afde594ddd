// Who may do what in a namespace, or everywhere.
import { Autocomplete, Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Bot, Pencil, Plus, Trash2, User } from "lucide-react";
import { useMemo, useState } from "react";
import { useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { Namespace } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { Confirm } from "~/parts/Confirm";
import { type Column, DataTable } from "~/parts/DataTable";
import { FormModal } from "~/parts/FormModal";
import { deedsColumn } from "~/parts/RowMenu";
import { Empty } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { AccountName } from "./AccountParts";
import css from "./administration.module.css";
import { changeGrants, GRANTS_EVERYWHERE, type GrantCalls, grantsOf, useRoles } from "./grantCalls";
import { type Member, membersOf } from "./grants";
import { RolePicker, useRoleWord } from "./RolePicker";

export default function MembersTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  const calls = useMemo(() => grantsOf(namespace), [namespace]);
  return <Members calls={calls} />;
}

export function MembersEverywhere() {
  return <Members calls={GRANTS_EVERYWHERE} />;
}

function Members({ calls }: { calls: GrantCalls }) {
  const say = useWords(peopleWords);
  const roles = useRoles();
  const [edited, setEdited] = useState<Member | "new">();
  const [removed, setRemoved] = useState<Member>();
  const old = useOld();
  const grants = useQuery({
    queryKey: ["grants", calls.namespace ?? ""],
    queryFn: ({ signal }) => calls.list(signal),
  });
  const members = useMemo(() => membersOf(grants.data?.items ?? [], roles), [grants.data, roles]);
  const isEverywhere = calls.namespace === undefined;
  return (
    <>
      <DataTable
        id="members"
        label={say("members")}
        columns={useMemberColumns(setEdited, setRemoved)}
        rows={members}
        rowKey={(row) => `${row.kind}/${row.name}`}
        rowLabel={(row) => row.name}
        isPending={grants.isPending}
        error={grants.error}
        again={() => void grants.refetch()}
        onOpen={setEdited}
        toolbar={
          <>
            <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setEdited("new")}>
              {say(isEverywhere ? "grantRole" : "addMember")}
            </Button>
            <span className="dim">{say(isEverywhere ? "everywhereLead" : "membersLead")}</span>
          </>
        }
        empty={
          <Empty title={say("noMembers")}>
            <p>{say("noMembersText")}</p>
          </Empty>
        }
      />
      {edited && (
        <EditMember
          calls={calls}
          member={edited === "new" ? undefined : edited}
          members={members}
          close={() => setEdited(undefined)}
        />
      )}
      <Confirm
        isOpen={removed !== undefined}
        close={() => setRemoved(undefined)}
        title={say("removeMember")}
        action={say("removeMemberAction")}
        onConfirm={async () => {
          if (removed) await changeGrants(calls, removed, removed.granted, []);
          old("grants", "permissions");
        }}
      >
        {say(isEverywhere ? "removeEverywhereText" : "removeMemberText", { name: removed?.name ?? "" })}
      </Confirm>
    </>
  );
}

function EditMember(props: { calls: GrantCalls; member?: Member; members: Member[]; close: () => void }) {
  const { calls, member } = props;
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const toasts = useToasts();
  const old = useOld();
  const [kind, setKind] = useState(member?.kind ?? "user");
  const [name, setName] = useState(member?.name ?? "");
  const [granted, setGranted] = useState(member?.granted ?? ["viewer"]);
  const names = useNames(calls.namespace, kind);
  const submit = async () => {
    const who = { kind, name: name.trim() };
    // Who is named again has what is chosen besides what they have.
    const known = props.members.find((it) => it.kind === who.kind && it.name === who.name);
    await changeGrants(calls, who, member?.granted ?? [], [
      ...granted,
      ...(member ? [] : (known?.granted ?? [])),
    ]);
    old("grants", "permissions");
    toasts.done(say("memberSaved", { name: who.name }));
  };
  return (
    <FormModal
      title={
        member
          ? say("memberOf", { name: member.name })
          : say(calls.namespace === undefined ? "grantRole" : "addMember")
      }
      close={props.close}
      action={member ? word("save") : word("add")}
      onSubmit={submit}
      canSubmit={name.trim() !== "" && granted.length > 0}
    >
      {!member && (
        <>
          {calls.namespace !== undefined && (
            <SegmentedControl
              aria-label={say("kind")}
              data={[
                { value: "user", label: word("user") },
                { value: "robot", label: word("robot") },
              ]}
              value={kind}
              onChange={setKind}
            />
          )}
          <Autocomplete
            label={word("name")}
            description={kind === "user" ? say("nameOfUser") : say("nameOfRobot")}
            data={names}
            limit={20}
            value={name}
            onChange={setName}
            autoComplete="off"
            data-autofocus
          />
        </>
      )}
      <RolePicker
        place={calls.namespace === undefined ? "instance" : "namespace"}
        granted={granted}
        onChange={setGranted}
      />
    </FormModal>
  );
}

/** Names to choose from, as far as whoever asks may see them. */
function useNames(namespace: string | undefined, kind: string): string[] {
  const maySeeUsers = useMay("administer");
  const users = useQuery({
    queryKey: ["users", "names"],
    queryFn: ({ signal }) => answer(api.GET("/users", { params: { query: { limit: 500 } }, signal })),
    enabled: maySeeUsers && kind === "user",
  });
  const robots = useQuery({
    queryKey: ["robots", namespace, "names"],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/namespaces/{namespace}/robots", {
          params: { path: { namespace: namespace ?? "" }, query: { limit: 500 } },
          signal,
        }),
      ),
    enabled: namespace !== undefined && kind === "robot",
  });
  const found = kind === "user" ? users.data?.items : robots.data?.items;
  return found?.map((it) => it.name) ?? [];
}

function useMemberColumns(
  edit: (member: Member) => void,
  remove: (member: Member) => void,
): Column<Member>[] {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const format = useFormat();
  const roleWord = useRoleWord();
  return [
    {
      key: "name",
      title: word("name"),
      width: "minmax(140px, 2fr)",
      cell: (row) => (
        <AccountName
          icon={row.kind === "robot" ? Bot : User}
          name={row.name}
          note={row.kind === "robot" ? `· ${word("robot")}` : undefined}
        />
      ),
    },
    {
      key: "role",
      title: say("role"),
      width: "minmax(140px, 2fr)",
      cell: (row) => (
        <span className={css.badges}>
          {row.granted.map((it) => (
            <span key={it} className={css.badge}>
              {roleWord(it)}
            </span>
          ))}
        </span>
      ),
    },
    {
      key: "may",
      title: say("may"),
      width: "minmax(180px, 3fr)",
      cell: (row) => <span className="dim">{format.list(row.permissions.map((it) => word(`p.${it}`)))}</span>,
    },
    deedsColumn(
      (row) => row.name,
      (row) => [
        { label: say("changeRole"), icon: Pencil, act: () => edit(row) },
        { label: say("removeMemberAction"), icon: Trash2, isBad: true, act: () => remove(row) },
      ],
    ),
  ];
}
