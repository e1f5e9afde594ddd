// Takes a database that was brought as a file: for instances without internet.
import { Checkbox, FileInput, Progress, Textarea } from "@mantine/core";
import { useState } from "react";
import { useOld } from "~/api/act";
import { BASE, csrfHeader } from "~/api/client";
import { ApiError, problem } from "~/api/error";
import type { DatabaseImported } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { databaseWords } from "~/i18n/words/database";
import { FormModal } from "~/parts/FormModal";
import { useToasts } from "~/parts/toasts";
import css from "./database.module.css";

export function ImportBundle({ close }: { close: () => void }) {
  const say = useWords(databaseWords);
  const format = useFormat();
  const toasts = useToasts();
  const old = useOld();
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState("");
  const [isUnsigned, setUnsigned] = useState(false);
  const [isOlder, setOlder] = useState(false);
  const [share, setShare] = useState<number>();
  const submit = async () => {
    if (file === null) return;
    const query = new URLSearchParams();
    if (isUnsigned) query.set("unsigned", "true");
    else query.set("key", key.trim());
    if (isOlder) query.set("older", "true");
    try {
      const imported = await send(file, query, setShare);
      old("database", "vulnerability", "overview", "artifacts", "artifact");
      toasts.done(
        imported.sequence == null
          ? say("importedSame")
          : say("imported", {
              sequence: `#${imported.sequence}`,
              time: format.dateTime(new Date(imported.built_at)),
            }),
      );
    } finally {
      setShare(undefined);
    }
  };
  return (
    <FormModal
      title={say("import")}
      close={close}
      action={say("importAction")}
      onSubmit={submit}
      canSubmit={file !== null && (isUnsigned || key.trim() !== "")}
      fields={["key"]}
    >
      {(fault) => (
        <>
          <p className="dim" style={{ margin: 0 }}>
            {say("importText")}
          </p>
          <FileInput
            label={say("file")}
            placeholder={say("choose")}
            value={file}
            onChange={setFile}
            description={file ? format.bytes(file.size) : undefined}
          />
          <Textarea
            label={say("key")}
            description={say("keyHelp")}
            autosize
            minRows={2}
            maxRows={6}
            spellCheck={false}
            disabled={isUnsigned}
            value={key}
            error={fault("key")}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          <Checkbox
            label={say("unsigned")}
            description={say("unsignedHelp")}
            checked={isUnsigned}
            onChange={(event) => setUnsigned(event.currentTarget.checked)}
          />
          <Checkbox
            label={say("olderToo")}
            checked={isOlder}
            onChange={(event) => setOlder(event.currentTarget.checked)}
          />
          {share !== undefined && (
            <div className={css.sending} role="status">
              <Progress value={share * 100} aria-label={say("sending")} />
              <span className="dim">
                {share < 1 ? `${say("sending")} ${format.percent(share)}` : say("building")}
              </span>
            </div>
          )}
        </>
      )}
    </FormModal>
  );
}

/** Sent by an older means than elsewhere: only it tells how far a sending is. */
function send(file: File, query: URLSearchParams, told: (share: number) => void): Promise<DatabaseImported> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}/database/import?${query}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    for (const [name, value] of Object.entries(csrfHeader())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => told(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new ApiError("unreachable", 0, undefined));
    request.onload = () => {
      const body = read(request.responseText);
      if (request.status < 300) resolve(body as DatabaseImported);
      else reject(problem(request.status, body));
    };
    request.send(file);
  });
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
