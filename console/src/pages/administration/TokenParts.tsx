// Tokens, of a robot or of whoever is signed in: the list of them, making one, ending one.
import { Button, Select, TextInput } from "@mantine/core";
import { KeyRound, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Permission, Token } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { plain } from "~/parts/Advisory";
import { Confirm } from "~/parts/Confirm";
import { Command } from "~/parts/Copy";
import { Ends } from "~/parts/Ends";
import { type Ending, endText, urgencyOf } from "~/parts/ending";
import { FormModal } from "~/parts/FormModal";
import { SecretOnce } from "~/parts/SecretOnce";
import { useToasts } from "~/parts/toasts";
import { useNow } from "~/parts/Values";
import css from "./administration.module.css";
import { isPermission } from "./grants";
import { PermissionPicker } from "./RolePicker";

export interface TokenRequest {
  name: string;
  permissions: Permission[];
  namespace?: string;
  expires_at?: string;
}

export interface TokenCalls {
  make: (request: TokenRequest) => Promise<{ token: string }>;
  end: (token: number) => Promise<unknown>;
  /** Has the list read again. */
  changed: () => void;
}

interface TokenListProps {
  tokens: Token[];
  calls: TokenCalls;
  /** As whom one signs in with them. */
  signInName: string;
  /** What its owner may, and so at most the token. */
  offered?: readonly string[];
  /** Namespaces to choose from, where a token may be for one only. */
  namespaces?: string[];
  empty?: ReactNode;
}

export function TokenList(props: TokenListProps) {
  const say = useWords(peopleWords);
  const toasts = useToasts();
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [ended, setEnded] = useState<Token>();
  const { tokens, calls } = props;
  return (
    <div className="stack">
      <div className="spread">
        <h2 className={css.heading}>{say("tokens")}</h2>
        <Button size="xs" variant="default" leftSection={<Plus size={15} />} onClick={() => setMaking(true)}>
          {say("newToken")}
        </Button>
      </div>
      {tokens.length === 0 ? (
        (props.empty ?? <p className="dim">{say("noTokens")}</p>)
      ) : (
        <ul className={css.tokens}>
          {tokens.map((it) => (
            <TokenRow key={it.id} token={it} end={() => setEnded(it)} />
          ))}
        </ul>
      )}
      {isMaking && (
        <NewToken
          calls={calls}
          offered={props.offered}
          namespaces={props.namespaces}
          made={setSecret}
          close={() => setMaking(false)}
        />
      )}
      <TokenOnce
        title={say("tokenMade")}
        secret={secret}
        signInName={props.signInName}
        close={() => setSecret(undefined)}
      />
      <Confirm
        isOpen={ended !== undefined}
        close={() => setEnded(undefined)}
        title={say("endToken")}
        action={say("endToken")}
        onConfirm={async () => {
          if (ended) await calls.end(ended.id);
          calls.changed();
          toasts.done(say("tokenEnded"));
        }}
      >
        {say("endTokenText", { name: ended?.name ?? "" })}
      </Confirm>
    </div>
  );
}

function TokenRow({ token, end }: { token: Token; end: () => void }) {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const format = useFormat();
  const now = useNow();
  const ago = (time: string) => format.relative(new Date(time), now);
  const urgency = urgencyOf(token.expires_at, now);
  const facts = [
    token.used_at ? say("used", { ago: ago(token.used_at) }) : say("neverUsed"),
    ...(token.one_namespace ? [say("oneNamespace")] : []),
  ];
  const may = token.permissions.map((it) => (isPermission(it) ? word(`p.${it}`) : it));
  return (
    <li>
      <span className={css.who}>
        <KeyRound size={15} aria-hidden="true" />
        <span>
          <strong>{plain(token.name)}</strong> <code className="dim">{token.prefix}…</code>
          <br />
          <span className="dim">
            {format.list(may)} · {facts.join(" · ")}
          </span>
        </span>
      </span>
      <span className="row">
        <span
          className={css.badge}
          data-warn={urgency === "soon" || undefined}
          data-bad={urgency === "over" || undefined}
          title={token.expires_at ? format.dateTime(new Date(token.expires_at)) : undefined}
        >
          {token.expires_at
            ? urgency === "over"
              ? say("ended")
              : say("ends", { ago: ago(token.expires_at) })
            : say("neverEnds")}
        </span>
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={`${say("endToken")}: ${token.name}`}
          onClick={end}
        >
          {say("endToken")}
        </Button>
      </span>
    </li>
  );
}

function NewToken(props: {
  calls: TokenCalls;
  offered?: readonly string[];
  namespaces?: string[];
  made: (secret: string) => void;
  close: () => void;
}) {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<string[]>(() =>
    ["read", "pull"].filter((it) => props.offered?.includes(it) ?? true),
  );
  const [namespace, setNamespace] = useState("");
  const [ending, setEnding] = useState<Ending>({ kind: "days", days: 90 });
  const submit = async () => {
    const { token } = await props.calls.make({
      name: name.trim(),
      permissions: permissions.filter(isPermission),
      namespace: namespace || undefined,
      expires_at: endText(ending, new Date()),
    });
    props.calls.changed();
    props.made(token);
  };
  return (
    <FormModal
      title={say("newToken")}
      close={props.close}
      action={word("create")}
      onSubmit={submit}
      canSubmit={name.trim() !== "" && permissions.length > 0}
      fields={["/name", "/expires_at", "/namespace"]}
    >
      {(fault) => (
        <>
          <TextInput
            label={say("tokenName")}
            description={say("tokenNameHelp")}
            maxLength={128}
            autoComplete="off"
            value={name}
            error={fault("/name")}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <div>
            <div>{say("tokenMay")}</div>
            <PermissionPicker
              chosen={permissions}
              onChange={setPermissions}
              offered={props.offered}
              label={say("tokenMay")}
            />
            <div className="dim" style={{ fontSize: 12.5, marginTop: 4 }}>
              {say("tokenMayHelp")}
            </div>
          </div>
          {props.namespaces && (
            <Select
              label={say("tokenWhere")}
              searchable
              allowDeselect={false}
              data={[
                { value: "", label: say("tokenEverywhere") },
                ...props.namespaces.map((it) => ({ value: it, label: it })),
              ]}
              value={namespace}
              error={fault("/namespace")}
              onChange={(value) => setNamespace(value ?? "")}
            />
          )}
          <Ends label={say("tokenEnds")} value={ending} onChange={setEnding} error={fault("/expires_at")} />
        </>
      )}
    </FormModal>
  );
}

/** A token's text, once, with what to do with it. */
export function TokenOnce(props: { title: string; secret?: string; signInName: string; close: () => void }) {
  const say = useWords(peopleWords);
  return (
    <SecretOnce title={props.title} secret={props.secret} close={props.close}>
      <div>
        <div className="dim" style={{ marginBottom: 6 }}>
          {say("logIn")}
        </div>
        <Command text={`docker login -u ${props.signInName} ${location.host}`} />
      </div>
    </SecretOnce>
  );
}
