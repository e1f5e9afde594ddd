// Makes a registry of others known, or changes it; asks it at once whether it answers.
import { Checkbox, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useOld } from "~/api/act";
import type { Registry } from "~/api/types";
import { useSaid, useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { registryWords } from "~/i18n/words/registries";
import { FormModal } from "~/parts/FormModal";
import { useToasts } from "~/parts/toasts";
import { needsPassword, type RegistryFields, registrySet } from "./registries";
import { checkRegistry, saveRegistry } from "./registryCalls";

export function EditRegistry({ registry, close }: { registry?: Registry; close: () => void }) {
  const say = useWords(registryWords);
  const word = useWords(forms);
  const said = useSaid();
  const old = useOld();
  const toasts = useToasts();
  const [fields, set] = useState<RegistryFields>({
    name: registry?.name ?? "",
    host: registry?.host ?? "",
    username: registry?.username ?? "",
    password: "",
    insecure: registry?.insecure ?? false,
  });
  const change = (next: Partial<RegistryFields>) => set({ ...fields, ...next });
  const mustType = needsPassword(fields, registry);
  const submit = async () => {
    const { id, name } = await saveRegistry(registry?.id, registrySet(fields));
    old("registries");
    const { problem } = await checkRegistry(id);
    old("registries");
    if (problem) toasts.bad(say("savedTrouble", { name, problem: said(problem) }));
    else toasts.done(say("saved", { name }));
  };
  return (
    <FormModal
      title={say(registry ? "editTitle" : "add")}
      close={close}
      action={registry ? word("save") : word("add")}
      onSubmit={submit}
      canSubmit={
        fields.name.trim() !== "" && fields.host.trim() !== "" && !(mustType && fields.password === "")
      }
      fields={["/name", "/host", "/username", "/password"]}
    >
      {(fault) => (
        <>
          <TextInput
            label={word("name")}
            description={say("nameHelp")}
            maxLength={128}
            autoComplete="off"
            value={fields.name}
            error={fault("/name")}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput
            label={say("host")}
            description={say("hostHelp")}
            maxLength={512}
            spellCheck={false}
            autoComplete="off"
            value={fields.host}
            error={fault("/host")}
            onChange={(event) => change({ host: event.currentTarget.value })}
          />
          <TextInput
            label={say("account")}
            description={say("accountHelp")}
            maxLength={255}
            spellCheck={false}
            autoComplete="off"
            value={fields.username}
            error={fault("/username")}
            onChange={(event) => change({ username: event.currentTarget.value })}
          />
          <PasswordInput
            label={say("password")}
            description={say(passwordHelp(mustType, registry))}
            // Browsers would fill in that of this console.
            autoComplete="new-password"
            disabled={fields.username.trim() === ""}
            value={fields.password}
            error={fault("/password")}
            onChange={(event) => change({ password: event.currentTarget.value })}
          />
          <Checkbox
            label={say("insecure")}
            description={say("insecureHelp")}
            checked={fields.insecure}
            onChange={(event) => change({ insecure: event.currentTarget.checked })}
          />
        </>
      )}
    </FormModal>
  );
}

function passwordHelp(mustType: boolean, registry: Registry | undefined) {
  if (!registry?.username) return "passwordHelp";
  return mustType ? "passwordAgain" : "passwordStays";
}
