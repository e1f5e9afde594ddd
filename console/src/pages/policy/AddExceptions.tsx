// Makes exceptions: one id or a pasted list, with why and until when. Also gives one that ends another end.
import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useOld } from "~/api/act";
import type { Exception } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { exceptionWords } from "~/i18n/words/exceptions";
import { Ends } from "~/parts/Ends";
import { type Ending, endText } from "~/parts/ending";
import { FormModal } from "~/parts/FormModal";
import { useToasts } from "~/parts/toasts";
import type { ExceptionCalls } from "./exceptionCalls";
import { conditionsOf, IDS_MAX, type Pasted, pasted } from "./exceptions";
import css from "./exceptions.module.css";

interface AddExceptionsProps {
  calls: ExceptionCalls;
  /** What is filled in already. */
  ids?: string;
  repository?: string;
  /** The one that is replaced by the new one. */
  renewed?: Exception;
  close: () => void;
}

const FIELDS = ["/vulnerabilities", "/reason", "/expires_at", "/package", "/repository", "/tags", "/paths"];

export function AddExceptions({ calls, ids = "", repository = "", renewed, close }: AddExceptionsProps) {
  const say = useWords(exceptionWords);
  const toasts = useToasts();
  const old = useOld();
  const [text, setText] = useState(renewed?.vulnerability ?? ids);
  const [reason, setReason] = useState(renewed?.reason ?? "");
  const [ending, setEnding] = useState<Ending>({ kind: "days", days: 90 });
  const [where, setWhere] = useState({
    repository: renewed?.repository ?? repository,
    package: renewed?.package ?? "",
    tags: renewed?.tags ?? "",
    paths: renewed?.paths ?? "",
  });
  const read = pasted(text);
  const isFilled = read.ids.length > 0 && read.ids.length <= IDS_MAX && read.unreadable.length === 0;
  const submit = async () => {
    const conditions = conditionsOf(where).map((it) => [it.key, it.value.trim()]);
    await calls.create({
      vulnerabilities: read.ids,
      reason: reason.trim(),
      expires_at: endText(ending, new Date()),
      ...Object.fromEntries(conditions),
    });
    // The new one holds before the old one ends: never none.
    if (renewed) await calls.end(renewed.id);
    old("exceptions", "excepted", "artifacts", "artifact", "overview", "policy");
    toasts.done(say(renewed ? "renewedDone" : "added", { count: read.ids.length }));
  };
  return (
    <FormModal
      title={say(renewed ? "renewTitle" : "addTitle")}
      close={close}
      action={say(renewed ? "renew" : "addAction")}
      onSubmit={submit}
      canSubmit={isFilled && reason.trim() !== "" && (ending.kind !== "day" || ending.day !== "")}
      size="lg"
      fields={FIELDS}
    >
      {(fault) => (
        <>
          <div>
            <Textarea
              label={say("ids")}
              description={say("idsHelp")}
              placeholder="CVE-2024-3094, GHSA-…"
              autosize
              minRows={renewed ? 1 : 2}
              maxRows={8}
              readOnly={renewed !== undefined}
              spellCheck={false}
              value={text}
              error={fault("/vulnerabilities")}
              onChange={(event) => setText(event.currentTarget.value)}
              data-autofocus={renewed ? undefined : true}
            />
            <Read read={read} />
          </div>
          <Textarea
            label={say("why")}
            description={say("whyHelp")}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={1024}
            required
            withAsterisk={false}
            value={reason}
            error={fault("/reason")}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Ends
            label={say("until")}
            value={ending}
            onChange={setEnding}
            error={fault("/expires_at")}
            description={ending.kind === "never" ? say("neverHelp") : undefined}
          />
          <Conditions
            where={where}
            setWhere={setWhere}
            fault={fault}
            isOpen={conditionsOf(where).length > 0}
          />
        </>
      )}
    </FormModal>
  );
}

/** What was understood of the text, before it is sent. */
function Read({ read }: { read: Pasted }) {
  const say = useWords(exceptionWords);
  const format = useFormat();
  if (read.unreadable.length > 0) {
    return (
      <div className={css.read} data-bad role="alert">
        {say("unreadable", { words: format.list(read.unreadable.slice(0, 5)) })}
      </div>
    );
  }
  if (read.ids.length > IDS_MAX) {
    return (
      <div className={css.read} data-bad role="alert">
        {say("tooMany", { count: IDS_MAX })}
      </div>
    );
  }
  if (read.ids.length < 2) return null;
  return <div className={`dim ${css.read}`}>{say("idsRead", { count: read.ids.length })}</div>;
}

type Where = Record<"repository" | "package" | "tags" | "paths", string>;

function Conditions(props: {
  where: Where;
  setWhere: (where: Where) => void;
  fault: (pointer: string) => string | undefined;
  isOpen: boolean;
}) {
  const say = useWords(exceptionWords);
  const { where, setWhere, fault } = props;
  const examples: Where = {
    repository: "shop/*",
    package: "pkg:deb/debian/zlib1g",
    tags: "1.*",
    paths: "opt/app/**",
  };
  return (
    <details open={props.isOpen || undefined}>
      <summary style={{ cursor: "pointer" }}>{say("narrow")}</summary>
      <div className="stack" style={{ marginTop: 8 }}>
        <div className="dim">{say("narrowHelp")}</div>
        {(["repository", "package", "tags", "paths"] as const).map((key) => (
          <TextInput
            key={key}
            label={say(`where.${key}`)}
            placeholder={examples[key]}
            spellCheck={false}
            autoComplete="off"
            maxLength={1024}
            value={where[key]}
            error={fault(`/${key}`)}
            onChange={(event) => setWhere({ ...where, [key]: event.currentTarget.value })}
          />
        ))}
      </div>
    </details>
  );
}
