// A form in a dialog: sends once, shows what was refused beside its field, closes when it is done.
import { Button, Modal } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "~/api/error";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { FailureText, useFailureText } from "./States";

/** What was refused of a field, by the pointer of the problem. */
export type Fault = (pointer: string) => string | undefined;

interface FormModalProps {
  title: string;
  close: () => void;
  /** The word on the button: what is done. */
  action: string;
  onSubmit: () => Promise<unknown>;
  canSubmit?: boolean;
  size?: string | number;
  /** Fields that show by themselves what was refused of them. */
  fields?: string[];
  children: ReactNode | ((fault: Fault) => ReactNode);
}

export function FormModal(props: FormModalProps) {
  const say = useWords(parts);
  const failureText = useFailureText();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const pointer = error instanceof ApiError ? error.pointer : undefined;
  const fault: Fault = (field) => (error && pointer === field ? failureText(error) : undefined);
  const isShownByField = pointer !== undefined && props.fields?.includes(pointer);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // A dialog stands inside of the page's forms in React's tree, though not in the document's.
    event.stopPropagation();
    setBusy(true);
    setError(undefined);
    try {
      await props.onSubmit();
      props.close();
    } catch (error) {
      setError(error as Error);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={props.close}
      title={<strong>{props.title}</strong>}
      size={props.size ?? "md"}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": say("cancel") }}
    >
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {typeof props.children === "function" ? props.children(fault) : props.children}
        {error && !isShownByField && (
          <div role="alert" style={{ color: "var(--bad-text)" }}>
            <FailureText error={error} />
          </div>
        )}
        <div className="row" style={{ justifyContent: "flex-end", marginTop: 4 }}>
          <Button variant="default" onClick={props.close}>
            {say("cancel")}
          </Button>
          <Button type="submit" loading={isBusy} disabled={props.canSubmit === false}>
            {props.action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
