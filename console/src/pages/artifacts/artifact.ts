// What the parts of an artifact's page share: which artifact, and how its overview is read.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { ArtifactOverview, ScanStatus } from "~/api/types";

/** Which artifact; by its digest, so that a tag that moves does not mix two of them. */
export interface ArtifactAddress {
  namespace: string;
  repository: string;
  reference: string;
}

export interface ArtifactTabProps {
  address: ArtifactAddress;
  overview: ArtifactOverview;
}

export const ARTIFACT = "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}";

export function overviewQuery(address: ArtifactAddress) {
  const { namespace, repository, reference } = address;
  return queryOptions({
    queryKey: ["artifact", namespace, repository, reference],
    queryFn: ({ signal }) => answer(api.GET(ARTIFACT, { params: { path: address }, signal })),
    // The per cent of a scan that runs; everything else comes by itself.
    refetchInterval: ({ state }) => (state.data && isRunning(state.data.artifact.scan) ? 2_000 : false),
  });
}

export function useOverview(address: ArtifactAddress) {
  return useQuery(overviewQuery(address));
}

/** The key of a query about one artifact: made old by what is told of it. */
export function keyOf({ namespace, repository, reference }: ArtifactAddress, ...rest: unknown[]) {
  return ["artifact", namespace, repository, reference, ...rest];
}

/** Which result of an artifact is meant: another one when it was scanned or judged anew. */
export function resultOf(overview: ArtifactOverview): string {
  const { summary, verdict } = overview.artifact;
  return `${summary?.scanned_at} ${verdict?.decided_at}`;
}

/** The key of a query about what a scan has found. That is much, so that it is not read again whenever
 * something is told of any artifact, but when this one has another result or the database is another. */
export function resultKey(address: ArtifactAddress, result: string, ...rest: unknown[]) {
  const { namespace, repository, reference } = address;
  return ["findings", namespace, repository, reference, result, ...rest];
}

export const isIndex = (overview: ArtifactOverview): boolean => overview.index_state != null;

export function isRunning(scan: ScanStatus): boolean {
  return scan.state === "queued" || scan.state === "scanning";
}

/** Whether there is something to show findings, packages and layers of. */
export function hasReport(overview: ArtifactOverview): boolean {
  return overview.artifact.summary != null;
}

/** The base image, where the image says which it is. Which layers are the base's nobody says. */
export function baseOf({ annotations }: ArtifactOverview): string | undefined {
  return annotations["org.opencontainers.image.base.name"];
}

/** A snapshot as people name it: by its number, or by the beginning of its digest. */
export function snapshotWord({ digest, sequence }: { digest: string; sequence?: number | null }): string {
  return sequence == null ? digest.replace(/^sha256:/, "").slice(0, 12) : `#${sequence}`;
}
