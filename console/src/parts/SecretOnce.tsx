// A secret that the server tells once. Not closed by accident.
import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { CopyField } from "./Copy";

export function SecretOnce(props: {
  title: string;
  secret?: string;
  close: () => void;
  children?: ReactNode;
}) {
  const say = useWords(parts);
  return (
    <Modal
      opened={props.secret !== undefined}
      onClose={props.close}
      title={<strong>{props.title}</strong>}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
    >
      <div className="stack">
        <div>{say("secretOnce")}</div>
        <CopyField text={props.secret ?? ""} />
        {props.children}
        <Button onClick={props.close}>{say("secretKept")}</Button>
      </div>
    </Modal>
  );
}
