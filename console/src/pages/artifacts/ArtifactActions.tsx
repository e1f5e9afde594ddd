// What can be done with an artifact: pull it, scan it, stop that, delete it.
import { Button, Menu, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, EllipsisVertical, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { ArtifactOverview } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { Confirm } from "~/parts/Confirm";
import { Command } from "~/parts/Copy";
import { useToasts } from "~/parts/toasts";
import { useScan } from "./ArtifactLevel";
import { ARTIFACT, isRunning } from "./artifact";
import { imageNameOf, pullCommandsOf } from "./commands";
import { kindOf } from "./kind";
import { useIsElsewhere, usePlace } from "./place";

export function ArtifactActions({ overview, tag }: { overview: ArtifactOverview; tag?: string }) {
  const say = useWords(words);
  const word = useWords(parts);
  const { artifact } = overview;
  const { namespace } = artifact;
  const mayScan = useMay("scan", namespace);
  const mayPush = useMay("push", namespace);
  const isElsewhere = useIsElsewhere(namespace);
  const scan = useScan();
  const stop = useStop(overview);
  const [isPulling, setPulling] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const running = isRunning(artifact.scan);
  const isScannable = artifact.scan.state !== "not_supported";
  return (
    <>
      <Button
        variant="default"
        leftSection={<Download size={15} aria-hidden="true" />}
        onClick={() => setPulling(true)}
      >
        {say("pull")}
      </Button>
      {mayScan && isScannable && running && (
        <Button variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
          {word("stop")}
        </Button>
      )}
      {mayScan && isScannable && !running && (
        <Button onClick={() => scan.mutate(artifact)} loading={scan.isPending}>
          {artifact.summary ? say("scanAgain") : word("scan")}
        </Button>
      )}
      {/* What lies elsewhere is deleted there: the next look would list it again. */}
      {mayPush && !isElsewhere && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label={say("more")}>
              <EllipsisVertical size={16} aria-hidden="true" />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={() => setDeleting(true)}>
              {say("delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <PullCommands overview={overview} tag={tag} isOpen={isPulling} close={() => setPulling(false)} />
      <Delete overview={overview} isOpen={isDeleting} close={() => setDeleting(false)} />
    </>
  );
}

function useStop({ artifact: { namespace, repository, digest } }: ArtifactOverview) {
  const say = useWords(namespaces);
  const toasts = useToasts();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.DELETE(`${ARTIFACT}/scan`, { params: { path: { namespace, repository, reference: digest } } }),
      ),
    onSuccess: ({ stopped }) => toasts.done(say("scansStopped", { count: stopped })),
    onError: toasts.failed,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["artifact"] }),
  });
}

interface DialogProps {
  overview: ArtifactOverview;
  isOpen: boolean;
  close: () => void;
}

function PullCommands({ overview, tag, isOpen, close }: DialogProps & { tag?: string }) {
  const say = useWords(words);
  const { artifact } = overview;
  const kind = kindOf(artifact);
  const place = usePlace(artifact.namespace);
  const isImage = kind === "image" || kind === "index";
  const commands = (tag?: string) => pullCommandsOf(place, artifact, tag);
  return (
    <Modal opened={isOpen} onClose={close} size="lg" title={<strong>{say("pullTitle")}</strong>}>
      <div className="stack">
        {artifact.verdict?.answer === "deny" && <div>{say("pullDenied")}</div>}
        {commands(tag).map((it) => (
          <Command key={it} text={it} />
        ))}
        {isImage && tag !== undefined && (
          <>
            <div className="dim">{say("pullPinned")}</div>
            <Command text={commands()[0] ?? ""} />
          </>
        )}
        {isImage && (
          <>
            <div className="dim">{say("scanHere")}</div>
            <Command text={`plimsoll scan ${imageNameOf(place, artifact, tag)}`} />
          </>
        )}
      </div>
    </Modal>
  );
}

function Delete({ overview, isOpen, close }: DialogProps) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const toasts = useToasts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { namespace, repository, digest, tags } = overview.artifact;
  const remove = async () => {
    await answer(api.DELETE(ARTIFACT, { params: { path: { namespace, repository, reference: digest } } }));
    toasts.done(lists("deleted", { count: 1 }));
    for (const key of ["artifacts", "repositories"]) void queries.invalidateQueries({ queryKey: [key] });
    void navigate(to.repository(namespace, repository), { replace: true });
  };
  return (
    <Confirm isOpen={isOpen} close={close} title={say("delete")} action={say("delete")} onConfirm={remove}>
      <p style={{ marginTop: 0 }}>{lists("deleteText", { count: 1 })}</p>
      {tags.length > 0 && <p>{say("deleteTags", { tags: tags.join(", ") })}</p>}
    </Confirm>
  );
}
