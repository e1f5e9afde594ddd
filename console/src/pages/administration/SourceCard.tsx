// Where the images of a namespace lie: here, or in a registry of others that is looked at again and again.
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { Source } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { registryWords } from "~/i18n/words/registries";
import { plain, SafeLink } from "~/parts/Advisory";
import { Confirm } from "~/parts/Confirm";
import { Failure, Loading } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { TimeAgo } from "~/parts/Values";
import css from "./administration.module.css";
import { EditSource } from "./EditSource";
import { LookNow, SOURCE, SourceTrouble, useSource } from "./LookNow";

export function SourceCard({ namespace }: { namespace: string }) {
  const say = useWords(registryWords);
  const may = useMay("configure");
  const found = useSource(namespace);
  const [isEditing, setEditing] = useState(false);
  return (
    <section className={`card ${css.section}`}>
      <h2>{say("source")}</h2>
      {found.error ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : found.isPending ? (
        <Loading rows={2} />
      ) : found.data ? (
        <Elsewhere namespace={namespace} source={found.data} edit={() => setEditing(true)} />
      ) : (
        <div>
          <p className="dim" style={{ marginTop: 0 }}>
            {say("here")} {!may && say("askSomebody")}
          </p>
          {may && (
            <Button variant="default" onClick={() => setEditing(true)}>
              {say("link")}
            </Button>
          )}
        </div>
      )}
      {isEditing && (
        <EditSource namespace={namespace} source={found.data ?? undefined} close={() => setEditing(false)} />
      )}
    </section>
  );
}

function Elsewhere(props: { namespace: string; source: Source; edit: () => void }) {
  const { namespace, source, edit } = props;
  const say = useWords(registryWords);
  const may = useMay("configure");
  const [isRemoving, setRemoving] = useState(false);
  return (
    <>
      <Facts source={source} />
      <SourceTrouble source={source} />
      <div className="row">
        <LookNow namespace={namespace} />
        {may && (
          <>
            <Button variant="default" onClick={edit}>
              {say("change")}
            </Button>
            <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>
              {say("unlink")}
            </Button>
          </>
        )}
      </div>
      <Unlink namespace={namespace} host={source.host} isOpen={isRemoving} close={() => setRemoving(false)} />
    </>
  );
}

function Facts({ source }: { source: Source }) {
  const say = useWords(registryWords);
  const format = useFormat();
  const globs = (them: string[]) => (
    <span style={{ overflowWrap: "anywhere" }}>
      {them.map((it) => (
        <span key={it}>
          <code>{plain(it)}</code>{" "}
        </span>
      ))}
    </span>
  );
  const isAll = source.tags.length === 1 && /^\*+$/.test(source.tags[0] ?? "");
  const rows: [string, ReactNode][] = [
    [
      say("registry"),
      <span key="registry">
        {plain(source.registry_name)} · <SafeLink href={`https://${source.host}/`} />
      </span>,
    ],
    [say("which"), globs(source.repositories)],
    [say("tags"), isAll ? say("allTags") : globs(source.tags)],
    [say("every"), say("minutes", { count: source.every_minutes })],
    [say("lastLook"), source.synced_at ? <TimeAgo key="last" time={source.synced_at} /> : say("notLooked")],
    [say("nextLook"), <TimeAgo key="next" time={source.next_at} />],
    [
      say("seen"),
      say("seenCounts", {
        repositories: format.number(source.repositories_seen),
        images: format.number(source.images_seen),
      }),
    ],
  ];
  return (
    <dl className={css.facts}>
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Unlink(props: { namespace: string; host: string; isOpen: boolean; close: () => void }) {
  const { namespace, host } = props;
  const say = useWords(registryWords);
  const toasts = useToasts();
  const old = useOld();
  const remove = async () => {
    await answer(api.DELETE(SOURCE, { params: { path: { namespace } } }));
    old("namespaces", "registries", "repositories", "artifacts", "artifact", "overview");
    toasts.done(say("unlinked"));
  };
  return (
    <Confirm
      isOpen={props.isOpen}
      close={props.close}
      title={say("unlink")}
      action={say("unlink")}
      typed={namespace}
      onConfirm={remove}
    >
      {say("unlinkText", { host })}
    </Confirm>
  );
}
