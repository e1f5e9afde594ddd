// Asks before something is done that cannot be undone.
import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { FailureText } from "./States";

interface ConfirmProps {
  isOpen: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
  /** The word on the button: what is done, and no "OK". */
  action: string;
  onConfirm: () => Promise<unknown>;
  /** What has to be typed where much is lost. */
  typed?: string;
  isHarmless?: boolean;
}

export function Confirm(props: ConfirmProps) {
  const say = useWords(parts);
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const close = () => {
    setText("");
    setError(undefined);
    props.close();
  };
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onConfirm();
      close();
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={props.isOpen} onClose={close} title={<strong>{props.title}</strong>}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <div>{props.children}</div>
        {props.typed !== undefined && (
          <TextInput
            label={say("typeToConfirm", { name: props.typed })}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error && (
          <div role="alert" style={{ color: "var(--bad-text)" }}>
            <FailureText error={error} />
          </div>
        )}
        <div className="row" style={{ justifyContent: "flex-end" }}>
          <Button variant="default" onClick={close}>
            {say("cancel")}
          </Button>
          <Button
            type="submit"
            color={props.isHarmless ? undefined : "red"}
            loading={isBusy}
            disabled={props.typed !== undefined && text !== props.typed}
          >
            {props.action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
