// Who is told what happens: webhooks, what was sent to each, and sending it again.
import { Button, Checkbox, Select, Switch, TextInput } from "@mantine/core";
import { Pencil, Plus, Power, Send, Trash2, Webhook as WebhookIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useAct, useOld } from "~/api/act";
import { usePages } from "~/api/pages";
import { type Namespace, SEVERITIES, type Severity, type Webhook } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { parts } from "~/i18n/words/parts";
import { webhookWords } from "~/i18n/words/webhooks";
import { plain } from "~/parts/Advisory";
import { Confirm } from "~/parts/Confirm";
import { type Column, DataTable } from "~/parts/DataTable";
import { FormModal } from "~/parts/FormModal";
import { deedsColumn } from "~/parts/RowMenu";
import { SecretOnce } from "~/parts/SecretOnce";
import { Empty } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import css from "./administration.module.css";
import { Deliveries } from "./Deliveries";
import { WEBHOOKS_EVERYWHERE, type WebhookCalls, type WebhookSet, webhooksOf } from "./webhookCalls";

export default function WebhooksTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  const calls = useMemo(() => webhooksOf(namespace), [namespace]);
  return <Webhooks calls={calls} />;
}

export function WebhooksEverywhere() {
  return <Webhooks calls={WEBHOOKS_EVERYWHERE} />;
}

/** The kinds of events, in the order of the manual. */
export const EVENT_KINDS = [
  "scan.completed",
  "scan.failed",
  "finding.new",
  "finding.fixed",
  "finding.changed",
  "verdict.changed",
] as const;

function Webhooks({ calls }: { calls: WebhookCalls }) {
  const say = useWords(webhookWords);
  const old = useOld();
  const toasts = useToasts();
  const [act] = useAct();
  const list = usePages(["webhooks", calls.namespace ?? ""], calls.list);
  const [edited, setEdited] = useState<Webhook | "new">();
  const [deleted, setDeleted] = useState<Webhook>();
  const [secret, setSecret] = useState<string>();
  const turn = (it: Webhook) =>
    act(async () => {
      const enabled = !(it.settings.enabled ?? true);
      await calls.change(it.id, { ...it.settings, enabled });
      old("webhooks");
      return say(enabled ? "turnedOn" : "turnedOff", { name: it.settings.name });
    });
  const ping = (it: Webhook) =>
    act(async () => {
      await calls.ping(it.id);
      old("deliveries");
      return say("tried");
    });
  return (
    <>
      <DataTable
        id="webhooks"
        label={say("webhooks")}
        columns={useWebhookColumns({ edit: setEdited, turn, ping, remove: setDeleted })}
        rows={list.items}
        rowKey={(row) => String(row.id)}
        rowLabel={(row) => row.settings.name}
        rowHeight={58}
        {...list}
        details={(row) => <Deliveries calls={calls} webhook={row} />}
        toolbar={
          <>
            <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setEdited("new")}>
              {say("add")}
            </Button>
            <span className="dim">{say("lead")}</span>
          </>
        }
        empty={
          <Empty title={say("none")} icon={WebhookIcon}>
            <p>{say("noneText")}</p>
          </Empty>
        }
      />
      {edited && (
        <EditWebhook
          calls={calls}
          webhook={edited === "new" ? undefined : edited}
          made={setSecret}
          close={() => setEdited(undefined)}
        />
      )}
      <SecretOnce title={say("secretTitle")} secret={secret} close={() => setSecret(undefined)}>
        <div className="dim">{say("secretText")}</div>
      </SecretOnce>
      <Confirm
        isOpen={deleted !== undefined}
        close={() => setDeleted(undefined)}
        title={say("remove")}
        action={say("remove")}
        onConfirm={async () => {
          if (deleted) await calls.remove(deleted.id);
          old("webhooks");
          toasts.done(say("removed"));
        }}
      >
        {say("removeText", { name: deleted?.settings.name ?? "" })}
      </Confirm>
    </>
  );
}

function useWebhookColumns(deeds: {
  edit: (it: Webhook) => void;
  turn: (it: Webhook) => void;
  ping: (it: Webhook) => void;
  remove: (it: Webhook) => void;
}): Column<Webhook>[] {
  const say = useWords(webhookWords);
  const word = useWords(forms);
  const isOn = (it: Webhook) => it.settings.enabled ?? true;
  return [
    {
      key: "name",
      title: word("name"),
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <span style={{ minWidth: 0, display: "block" }}>
          <strong>{plain(row.settings.name)}</strong>
          <span className="dim truncate mono" style={{ display: "block" }} title={row.settings.url}>
            {plain(row.settings.url)}
          </span>
        </span>
      ),
    },
    {
      key: "events",
      title: say("hears"),
      width: "minmax(150px, 2fr)",
      cell: (row) => <Hears settings={row.settings} />,
    },
    {
      key: "state",
      title: say("state"),
      width: "minmax(100px, 1fr)",
      cell: (row) => (
        <span className={css.badges}>
          <span className={css.badge} data-good={isOn(row) || undefined}>
            {say(isOn(row) ? "on" : "off")}
          </span>
          {row.dropped > 0 && (
            <span className={css.badge} data-bad>
              {say("dropped", { count: row.dropped })}
            </span>
          )}
        </span>
      ),
    },
    deedsColumn(
      (row) => row.settings.name,
      (row) => [
        { label: word("edit"), icon: Pencil, act: () => deeds.edit(row) },
        { label: say("try"), icon: Send, act: () => deeds.ping(row) },
        { label: say(isOn(row) ? "turnOff" : "turnOn"), icon: Power, act: () => deeds.turn(row) },
        { label: say("remove"), icon: Trash2, isBad: true, act: () => deeds.remove(row) },
      ],
    ),
  ];
}

function Hears({ settings }: { settings: WebhookSet }) {
  const say = useWords(webhookWords);
  const level = useWords(parts);
  const kindWord = useKindWord();
  const format = useFormat();
  const kinds = settings.kinds ?? [];
  const only = [
    ...(settings.severity ? [say("orWorse", { severity: level(settings.severity) })] : []),
    ...(settings.only_fixable ? [say("onlyFixable")] : []),
    ...(settings.only_new ? [say("onlyNew")] : []),
  ];
  return (
    <span style={{ display: "block" }}>
      {kinds.length === 0 ? say("allKinds") : format.list(kinds.map(kindWord))}
      {only.length > 0 && <span className="dim"> · {only.join(" · ")}</span>}
    </span>
  );
}

/** The word for a kind of event; one that we do not know is called as the server calls it. */
export function useKindWord(): (kind: string) => string {
  const say = useWords(webhookWords);
  return (kind) => {
    switch (kind) {
      case "scan.completed":
      case "scan.failed":
      case "finding.new":
      case "finding.fixed":
      case "finding.changed":
      case "verdict.changed":
      case "ping":
        return say(`kind.${kind}`);
      default:
        return kind;
    }
  };
}

function EditWebhook(props: {
  calls: WebhookCalls;
  webhook?: Webhook;
  made: (secret: string) => void;
  close: () => void;
}) {
  const { calls, webhook } = props;
  const say = useWords(webhookWords);
  const word = useWords(forms);
  const level = useWords(parts);
  const kindWord = useKindWord();
  const old = useOld();
  const [settings, set] = useState<WebhookSet>(
    webhook?.settings ?? { name: "", url: "https://", enabled: true, kinds: [] },
  );
  const change = (next: Partial<WebhookSet>) => set({ ...settings, ...next });
  const kinds = settings.kinds ?? [];
  const submit = async () => {
    const wanted = { ...settings, name: settings.name.trim(), url: settings.url.trim() };
    if (webhook) await calls.change(webhook.id, wanted);
    else props.made((await calls.create(wanted)).secret);
    old("webhooks");
  };
  return (
    <FormModal
      title={webhook ? say("edit") : say("add")}
      close={props.close}
      action={webhook ? word("save") : word("create")}
      onSubmit={submit}
      canSubmit={settings.name.trim() !== "" && /^https?:\/\/./.test(settings.url.trim())}
      size="lg"
      fields={["/name", "/url"]}
    >
      {(fault) => (
        <>
          <TextInput
            label={word("name")}
            maxLength={128}
            autoComplete="off"
            value={settings.name}
            error={fault("/name")}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput
            label={say("url")}
            description={say("urlHelp")}
            type="url"
            spellCheck={false}
            autoComplete="off"
            value={settings.url}
            error={fault("/url")}
            onChange={(event) => change({ url: event.currentTarget.value })}
          />
          <div role="group" aria-label={say("hears")} className={css.permissions}>
            <div>{say("hears")}</div>
            <Checkbox
              size="xs"
              label={say("allKinds")}
              checked={kinds.length === 0}
              onChange={(event) =>
                change({ kinds: event.currentTarget.checked ? [] : ["finding.new", "verdict.changed"] })
              }
            />
            {kinds.length > 0 &&
              EVENT_KINDS.map((kind) => (
                <Checkbox
                  key={kind}
                  size="xs"
                  ms="md"
                  label={kindWord(kind)}
                  checked={kinds.includes(kind)}
                  onChange={(event) =>
                    change({
                      kinds: event.currentTarget.checked
                        ? [...kinds, kind]
                        : kinds.filter((it) => it !== kind),
                    })
                  }
                />
              ))}
          </div>
          <Select
            label={say("from")}
            maw={280}
            allowDeselect={false}
            data={[
              { value: "", label: say("anySeverity") },
              ...SEVERITIES.filter((it) => it !== "unknown").map((it) => ({
                value: it,
                label: it === "critical" ? level(it) : say("orWorse", { severity: level(it) }),
              })),
            ]}
            value={settings.severity ?? ""}
            onChange={(value) => change({ severity: value ? (value as Severity) : undefined })}
          />
          <Switch
            label={say("onlyFixable")}
            checked={settings.only_fixable ?? false}
            onChange={(event) => change({ only_fixable: event.currentTarget.checked })}
          />
          <Switch
            label={say("onlyNew")}
            checked={settings.only_new ?? false}
            onChange={(event) => change({ only_new: event.currentTarget.checked })}
          />
        </>
      )}
    </FormModal>
  );
}
