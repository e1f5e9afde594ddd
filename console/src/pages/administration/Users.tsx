// People: making them, their passwords, and keeping them out.
import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck, KeyRound, Plus, Trash2, User as UserIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useAct, useOld } from "~/api/act";
import { useWhole } from "~/api/all";
import { answer, api } from "~/api/client";
import { useAccount } from "~/api/session";
import type { User } from "~/api/types";
import { useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { useAddressState } from "~/parts/address";
import { Confirm } from "~/parts/Confirm";
import { type Column, DataTable } from "~/parts/DataTable";
import { ClearFilters, TextFilter } from "~/parts/Filters";
import { FormModal } from "~/parts/FormModal";
import { deedsColumn } from "~/parts/RowMenu";
import { SecretOnce } from "~/parts/SecretOnce";
import { Empty } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { AccountName, NameField } from "./AccountParts";
import css from "./administration.module.css";
import { GRANTS_EVERYWHERE, useRoles } from "./grantCalls";
import { rolesFor } from "./grants";
import { madeUpPassword } from "./password";
import { useRoleWord } from "./RolePicker";
import { useSeenColumns } from "./seen";

const DEFAULTS = { q: "" };
const USER = "/users/{user}";

export default function Users() {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const toasts = useToasts();
  const old = useOld();
  const [act] = useAct();
  const { state, change, isChanged, clear } = useAddressState(DEFAULTS);
  const list = useWhole(["users", "all"], (cursor, signal) =>
    answer(api.GET("/users", { params: { query: { cursor, limit: 500 } }, signal })),
  );
  const [isMaking, setMaking] = useState(false);
  const [passwordOf, setPasswordOf] = useState<User>();
  const [disabled, setDisabled] = useState<User>();
  const [deleted, setDeleted] = useState<User>();
  const [told, setTold] = useState<{ name: string; password: string }>();
  const rows = useMemo(
    () => list.items.filter((it) => it.name.toLowerCase().includes(state.q.toLowerCase())),
    [list.items, state.q],
  );
  const turn = async (user: User, isDisabled: boolean) => {
    await answer(api.PATCH(USER, { params: { path: { user: user.name } }, body: { disabled: isDisabled } }));
    old("users");
    return say(isDisabled ? "userDisabled" : "userEnabled", { name: user.name });
  };
  const columns = useUserColumns({
    password: setPasswordOf,
    turn: (it) => (it.disabled ? act(() => turn(it, false)) : setDisabled(it)),
    remove: setDeleted,
  });
  return (
    <>
      <DataTable
        id="users"
        label={say("users")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.name}
        rowLabel={(row) => row.name}
        {...list}
        toolbar={
          <>
            <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setMaking(true)}>
              {say("newUser")}
            </Button>
            <TextFilter label={say("filter")} value={state.q} onChange={(q) => change({ q })} />
            <ClearFilters isChanged={isChanged} clear={clear} />
          </>
        }
        empty={<Empty title={say(isChanged ? "noneFound" : "noUsers")} />}
      />
      {isMaking && <NewUser made={setTold} close={() => setMaking(false)} />}
      {passwordOf && <SetPassword user={passwordOf} made={setTold} close={() => setPasswordOf(undefined)} />}
      <SecretOnce
        title={say("passwordOf", { name: told?.name ?? "" })}
        secret={told?.password}
        close={() => setTold(undefined)}
      >
        <div className="dim">{say("userMadeText", { name: told?.name ?? "" })}</div>
      </SecretOnce>
      <Confirm
        isOpen={disabled !== undefined}
        close={() => setDisabled(undefined)}
        title={say("disable")}
        action={say("disable")}
        onConfirm={async () => {
          if (disabled) toasts.done(await turn(disabled, true));
        }}
      >
        {say("disableText", { name: disabled?.name ?? "" })}
      </Confirm>
      <Confirm
        isOpen={deleted !== undefined}
        close={() => setDeleted(undefined)}
        title={say("deleteUser")}
        action={word("delete")}
        typed={deleted?.name}
        onConfirm={async () => {
          const user = deleted?.name ?? "";
          await answer(api.DELETE(USER, { params: { path: { user } } }));
          old("users", "grants");
          toasts.done(say("userDeleted", { name: user }));
        }}
      >
        {say("deleteUserText")}
      </Confirm>
    </>
  );
}

function useUserColumns(deeds: {
  password: (it: User) => void;
  turn: (it: User) => void;
  remove: (it: User) => void;
}): Column<User>[] {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const me = useAccount();
  const roleWord = useRoleWord();
  const grants = useQuery({
    queryKey: ["grants", ""],
    queryFn: ({ signal }) => GRANTS_EVERYWHERE.list(signal),
  });
  const rolesOf = (user: string) =>
    grants.data?.items.filter((it) => it.kind === "user" && it.name === user) ?? [];
  const seen = useSeenColumns<User>();
  return [
    {
      key: "name",
      title: word("name"),
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <AccountName
          icon={UserIcon}
          name={row.name}
          note={row.name === me.name ? `(${say("you")})` : undefined}
        />
      ),
    },
    {
      key: "state",
      title: say("state"),
      width: "110px",
      cell: (row) => (
        <span
          className={css.badge}
          data-bad={row.disabled || undefined}
          data-good={!row.disabled || undefined}
        >
          {say(row.disabled ? "disabled" : "active")}
        </span>
      ),
    },
    {
      key: "roles",
      title: say("roleEverywhere"),
      width: "minmax(150px, 2fr)",
      cell: (row) => {
        const roles = rolesOf(row.name);
        if (roles.length === 0) return <span className="dim">–</span>;
        return (
          <span className={css.badges}>
            {roles.map((it) => (
              <span key={it.granted} className={css.badge}>
                {roleWord(it.granted)}
              </span>
            ))}
          </span>
        );
      },
    },
    ...seen,
    deedsColumn(
      (row) => row.name,
      (row) => [
        { label: say("setPassword"), icon: KeyRound, act: () => deeds.password(row) },
        {
          label: say(row.disabled ? "enable" : "disable"),
          icon: row.disabled ? CircleCheck : Ban,
          act: () => deeds.turn(row),
        },
        { label: say("deleteUser"), icon: Trash2, isBad: true, act: () => deeds.remove(row) },
      ],
    ),
  ];
}

/** A password to be told to somebody: typed, or made up. */
function PasswordField(props: {
  value: string;
  onChange: (value: string) => void;
  error?: string;
  help: string;
}) {
  const say = useWords(peopleWords);
  return (
    <div className="row" style={{ alignItems: "flex-end", flexWrap: "nowrap" }}>
      <TextInput
        label={say("password")}
        description={props.help}
        autoComplete="off"
        spellCheck={false}
        value={props.value}
        error={props.error}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        style={{ flex: 1 }}
        styles={{ input: { fontFamily: "var(--mono)" } }}
      />
      <Button variant="default" onClick={() => props.onChange(madeUpPassword())}>
        {say("makeUp")}
      </Button>
    </div>
  );
}

interface Told {
  name: string;
  password: string;
}

function NewUser({ made, close }: { made: (told: Told) => void; close: () => void }) {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const toasts = useToasts();
  const old = useOld();
  const roles = useRoles();
  const roleWord = useRoleWord();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState("");
  const submit = async () => {
    await answer(api.POST("/users", { body: { name, password: password || undefined } }));
    old("users");
    if (role !== "") await GRANTS_EVERYWHERE.grant({ kind: "user", name, granted: role });
    old("grants");
    if (password === "") toasts.done(say("userMade", { name }));
    else made({ name, password });
  };
  return (
    <FormModal
      title={say("newUser")}
      close={close}
      action={word("create")}
      onSubmit={submit}
      canSubmit={name !== ""}
      fields={["/name", "/password"]}
    >
      {(fault) => (
        <>
          <NameField
            label={say("userName")}
            help={say("userNameHelp")}
            value={name}
            onChange={setName}
            error={fault("/name")}
          />
          <PasswordField
            value={password}
            onChange={setPassword}
            error={fault("/password")}
            help={say("passwordHelp")}
          />
          <Select
            label={say("roleEverywhere")}
            allowDeselect={false}
            data={[
              { value: "", label: say("roleNone") },
              ...rolesFor("instance", roles).map((it) => ({ value: it.name, label: roleWord(it.name) })),
            ]}
            value={role}
            onChange={(value) => setRole(value ?? "")}
          />
        </>
      )}
    </FormModal>
  );
}

function SetPassword({ user, made, close }: { user: User; made: (told: Told) => void; close: () => void }) {
  const say = useWords(peopleWords);
  const old = useOld();
  const [password, setPassword] = useState("");
  const submit = async () => {
    await answer(api.PATCH(USER, { params: { path: { user: user.name } }, body: { password } }));
    old("users");
    made({ name: user.name, password });
  };
  return (
    <FormModal
      title={say("passwordOf", { name: user.name })}
      close={close}
      action={say("setPassword")}
      onSubmit={submit}
      canSubmit={password.length >= 10}
      fields={["/password"]}
    >
      {(fault) => (
        <PasswordField
          value={password}
          onChange={setPassword}
          error={fault("/password")}
          help={say("setPasswordText", { name: user.name })}
        />
      )}
    </FormModal>
  );
}
