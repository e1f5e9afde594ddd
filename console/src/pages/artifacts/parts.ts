// Which of the artifacts of a list belong to an index of it. The list itself does not tell: it is read from
// the indexes, so that an image whose index is not in the list goes by its digest alone.
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { createContext, use, useCallback } from "react";
import type { ArtifactListed, ArtifactOverview } from "~/api/types";
import { overviewQuery } from "./artifact";
import { kindOf } from "./kind";

/** To what an image belongs. */
export interface Part {
  index: ArtifactListed;
  platform?: string;
}

export type Parts = ReadonlyMap<string, Part>;

type Named = Pick<ArtifactListed, "namespace" | "repository" | "digest">;

/** One artifact among those of many repositories. */
export const keyOf = ({ namespace, repository, digest }: Named): string =>
  `${namespace}/${repository}@${digest}`;

/** Each of them is asked for its images, as its own row does in any case. */
const INDEXES_MAX = 50;

/** Those that have to be asked: none, where no image is without a tag. */
export function indexesOf(artifacts: ArtifactListed[]): ArtifactListed[] {
  const isBare = artifacts.some((it) => it.tags.length === 0 && kindOf(it) === "image");
  return isBare ? artifacts.filter((it) => kindOf(it) === "index").slice(0, INDEXES_MAX) : [];
}

/** The images of indexes. One that is in several belongs to the first, which the list has higher up. */
export function partsOf(overviews: ArtifactOverview[]): Parts {
  const parts = new Map<string, Part>();
  for (const { artifact: index, platforms } of overviews) {
    for (const { digest, platform } of platforms) {
      const key = keyOf({ ...index, digest });
      if (!parts.has(key)) parts.set(key, { index, platform: platform ?? undefined });
    }
  }
  return parts;
}

export function useParts(artifacts: ArtifactListed[]): Parts {
  const combine = useCallback(
    (queries: UseQueryResult<ArtifactOverview>[]) => partsOf(queries.flatMap((it) => it.data ?? [])),
    [],
  );
  return useQueries({
    queries: indexesOf(artifacts).map(({ namespace, repository, digest }) =>
      overviewQuery({ namespace, repository, reference: digest }),
    ),
    combine,
  });
}

export const PartsOfList = createContext<Parts>(new Map());

/** To which index of its list an artifact belongs. */
export function usePart(artifact: Named): Part | undefined {
  return use(PartsOfList).get(keyOf(artifact));
}
