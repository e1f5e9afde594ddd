// Settings of a namespace: scanning, who may read, which engine judges, how refusals are answered, how much
// it may hold, where its images lie; and its end.
import { Button, NumberInput, Radio, SegmentedControl, Select, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAct, useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { Namespace } from "~/api/types";
import { useFormat, useSaid, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { settingsWords } from "~/i18n/words/settings";
import { Confirm } from "~/parts/Confirm";
import css from "./administration.module.css";
import { bytesOf, UNITS, type Unit, unitOf } from "./quota";
import { SourceCard } from "./SourceCard";

const NAMESPACE = "/namespaces/{namespace}";

export default function SettingsTab({ namespace }: { namespace: Namespace }) {
  const mayDelete = useMay("administer");
  return (
    <div className={css.settings}>
      <Settings key={namespace.name} namespace={namespace} />
      <SourceCard namespace={namespace.name} />
      {mayDelete && <Deletion namespace={namespace.name} />}
    </div>
  );
}

function Settings({ namespace }: { namespace: Namespace }) {
  const say = useWords(settingsWords);
  const word = useWords(forms);
  const format = useFormat();
  const old = useOld();
  const [act, isBusy] = useAct();
  const [settings, set] = useState(() => ({
    auto_scan: namespace.auto_scan,
    public: namespace.public,
    refusal: namespace.refusal,
    quota_bytes: namespace.quota_bytes ?? null,
    engine: namespace.engine,
  }));
  const change = (next: Partial<typeof settings>) => set({ ...settings, ...next });
  const isChanged =
    settings.auto_scan !== namespace.auto_scan ||
    settings.public !== namespace.public ||
    settings.refusal !== namespace.refusal ||
    settings.quota_bytes !== (namespace.quota_bytes ?? null) ||
    settings.engine !== namespace.engine;
  const isTooLittle = settings.quota_bytes !== null && settings.quota_bytes < namespace.used_bytes;
  const save = () =>
    act(async () => {
      await answer(api.PUT(NAMESPACE, { params: { path: { namespace: namespace.name } }, body: settings }));
      old("namespaces");
      return word("saved");
    });
  return (
    <form
      className={`card ${css.section}`}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Switch
        label={say(namespace.source_host ? "autoScanListed" : "autoScan")}
        description={say(namespace.source_host ? "autoScanListedHelp" : "autoScanHelp")}
        checked={settings.auto_scan}
        onChange={(event) => change({ auto_scan: event.currentTarget.checked })}
      />
      <Switch
        label={say("public")}
        description={say("publicHelp")}
        checked={settings.public}
        onChange={(event) => change({ public: event.currentTarget.checked })}
      />
      <EngineSelect value={settings.engine} onChange={(engine) => change({ engine })} />
      <Radio.Group
        label={say("refusal")}
        value={settings.refusal}
        onChange={(refusal) => change({ refusal: refusal as Namespace["refusal"] })}
      >
        <div className="stack" style={{ gap: 8, marginTop: 8 }}>
          <Radio value="denied" label={say("denied")} description={say("deniedHelp")} />
          <Radio value="harbor" label={say("harbor")} description={say("harborHelp")} />
        </div>
      </Radio.Group>
      <div>
        <Switch
          label={say("quota")}
          description={say("quotaHelp", { used: format.bytes(namespace.used_bytes) })}
          checked={settings.quota_bytes !== null}
          onChange={(event) => change({ quota_bytes: event.currentTarget.checked ? 50_000_000_000 : null })}
        />
        {settings.quota_bytes !== null && (
          <Quota bytes={settings.quota_bytes} onChange={(quota_bytes) => change({ quota_bytes })} />
        )}
        {isTooLittle && (
          <div className={css.notice} style={{ marginTop: 8 }} role="status">
            {say("quotaLittle")}
          </div>
        )}
      </div>
      <div>
        <Button type="submit" loading={isBusy} disabled={!isChanged}>
          {word("save")}
        </Button>
      </div>
    </form>
  );
}

/** The engine of this program. What others are, the server tells. */
const OURS = "plimsoll";

/** Which engine judges. Nothing, where the server does not tell of any. */
function EngineSelect({ value, onChange }: { value?: string; onChange: (engine: string) => void }) {
  const say = useWords(settingsWords);
  const said = useSaid();
  const { data: engines = [] } = useQuery({
    queryKey: ["engines"],
    queryFn: ({ signal }) => answer(api.GET("/engines", { signal })),
    retry: false,
    staleTime: 60_000,
  });
  if (engines.length === 0) return null;
  const chosen = engines.find((it) => it.id === value) ?? engines[0];
  return (
    <div>
      <Select
        label={say("engine")}
        description={chosen?.id === OURS ? say("engineOurs") : chosen && said(chosen.what)}
        maw={420}
        data={engines.map(({ id, name, version }) => ({ value: id, label: `${name} ${version}` }))}
        value={chosen?.id ?? null}
        onChange={(engine) => engine && onChange(engine)}
        allowDeselect={false}
      />
      {chosen?.trouble && (
        <div className={css.notice} style={{ marginTop: 8 }} role="status">
          {say("engineTrouble")} {said(chosen.trouble)}
        </div>
      )}
    </div>
  );
}

function Quota({ bytes, onChange }: { bytes: number; onChange: (bytes: number) => void }) {
  const say = useWords(settingsWords);
  const [unit, setUnit] = useState<Unit>(() => unitOf(bytes));
  return (
    <div className="row" style={{ marginTop: 8 }}>
      <NumberInput
        w={120}
        aria-label={say("quotaNumber")}
        min={1}
        allowNegative={false}
        decimalScale={2}
        value={bytes / UNITS[unit]}
        onChange={(value) => onChange(bytesOf(Number(value) || 1, unit))}
      />
      <SegmentedControl
        aria-label={say("quotaUnit")}
        data={Object.keys(UNITS)}
        value={unit}
        onChange={(next) => {
          setUnit(next as Unit);
          onChange(bytesOf(bytes / UNITS[unit], next as Unit));
        }}
      />
    </div>
  );
}

function Deletion({ namespace }: { namespace: string }) {
  const say = useWords(settingsWords);
  const navigate = useNavigate();
  const old = useOld();
  const [isAsking, setAsking] = useState(false);
  return (
    <section className={`card ${css.section} ${css.danger}`}>
      <div>
        <h2>{say("delete")}</h2>
        <p className="dim">{say("deleteHelp")}</p>
        <Button variant="light" color="red" onClick={() => setAsking(true)}>
          {say("delete")}
        </Button>
      </div>
      <Confirm
        isOpen={isAsking}
        close={() => setAsking(false)}
        title={say("delete")}
        action={say("delete")}
        typed={namespace}
        onConfirm={async () => {
          await answer(api.DELETE(NAMESPACE, { params: { path: { namespace } } }));
          old("namespaces");
          void navigate("/namespaces");
        }}
      >
        {say("deleteText")}
      </Confirm>
    </section>
  );
}
