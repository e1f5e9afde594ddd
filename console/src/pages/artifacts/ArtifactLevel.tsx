// The level cell of one artifact, with its scan begun where whoever looks may.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { ArtifactListed } from "~/api/types";
import { useSaid, useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { LevelCell, Row } from "~/parts/LevelCell";
import { useToasts } from "~/parts/toasts";
import { snapshotWord, useOverview } from "./artifact";

export function ArtifactLevel({ artifact }: { artifact: ArtifactListed }) {
  const { namespace, repository, digest } = artifact;
  const may = useMay("scan", namespace);
  const scan = useScan();
  return (
    <LevelCell
      scan={artifact.scan}
      summary={artifact.summary}
      to={to.artifact(namespace, repository, digest)}
      logTo={to.artifact(namespace, repository, digest, { tab: "log" })}
      onScan={may ? () => scan.mutate(artifact) : undefined}
      isAsking={scan.isPending}
      type={artifact.artifact_type ?? artifact.media_type}
      facts={<ScannedBy artifact={artifact} />}
    />
  );
}

/** By what it was scanned and judged; asked for when the card is shown. */
function ScannedBy({ artifact: { namespace, repository, digest } }: { artifact: ArtifactListed }) {
  const word = useWords(parts);
  const { data } = useOverview({ namespace, repository, reference: digest });
  if (!data) return null;
  const { engine, snapshot } = data;
  return (
    <>
      <Row name={word("engine")}>{`${engine.name} ${engine.version}`}</Row>
      {snapshot && <Row name={word("snapshot")}>{snapshotWord(snapshot)}</Row>}
    </>
  );
}

/** Asks for a scan of one artifact. */
export function useScan() {
  const say = useWords(namespaces);
  const said = useSaid();
  const toasts = useToasts();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({
      namespace,
      repository,
      digest,
    }: {
      namespace: string;
      repository: string;
      digest: string;
    }) =>
      answer(
        api.POST("/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scan", {
          params: { path: { namespace, repository, reference: digest } },
        }),
      ),
    onSuccess: (asked) => {
      if (asked.not_supported) toasts.done(say("scanNot", { why: said(asked.not_supported) }));
      else toasts.done(say("scanAsked", { count: asked.scans }));
    },
    onError: toasts.failed,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["artifacts"] });
      void queries.invalidateQueries({ queryKey: ["artifact"] });
    },
  });
}
