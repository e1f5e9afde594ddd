// Shows the commands that push into a namespace or a repository, to whoever may.
import { Button, Modal } from "@mantine/core";
import { Upload } from "lucide-react";
import { useState } from "react";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { Can } from "~/parts/Can";
import { PushHelp } from "./PushHelp";

export function PushButton({ namespace, repository }: { namespace: string; repository?: string }) {
  const say = useWords(namespaces);
  const [isOpen, setOpen] = useState(false);
  const name = repository === undefined ? namespace : `${namespace}/${repository}`;
  return (
    <Can permission="push" namespace={namespace}>
      <Button
        variant="default"
        leftSection={<Upload size={15} aria-hidden="true" />}
        onClick={() => setOpen(true)}
      >
        {say("push")}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        size="lg"
        title={<strong>{say("pushTitle", { name })}</strong>}
      >
        <PushHelp namespace={namespace} repository={repository ?? "app"} />
      </Modal>
    </Can>
  );
}
