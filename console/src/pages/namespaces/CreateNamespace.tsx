// Makes a namespace and goes there.
import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { useFailureText } from "~/parts/States";
import { useToasts } from "~/parts/toasts";

export function CreateNamespace({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const say = useWords(namespaces);
  const failureText = useFailureText();
  const toasts = useToasts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [autoScan, setAutoScan] = useState(true);
  const [isPublic, setPublic] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      answer(api.POST("/namespaces", { body: { name, auto_scan: autoScan, public: isPublic } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["namespaces"] });
      toasts.done(say("created", { name }));
      close();
      void navigate(to.namespace(name));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal opened={isOpen} onClose={close} title={<strong>{say("create")}</strong>}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label={say("name")}
          description={say("nameHelp")}
          error={create.error ? failureText(create.error) : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value.toLowerCase())}
          required
          withAsterisk={false}
          autoComplete="off"
          data-autofocus
        />
        <Checkbox
          label={say("autoScan")}
          checked={autoScan}
          onChange={(event) => setAutoScan(event.currentTarget.checked)}
        />
        <Checkbox
          label={say("public")}
          checked={isPublic}
          onChange={(event) => setPublic(event.currentTarget.checked)}
        />
        <Button type="submit" loading={create.isPending}>
          {say("createAction")}
        </Button>
      </form>
    </Modal>
  );
}
