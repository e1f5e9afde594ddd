// From where an image is pulled: here, or from the registry of others that its namespace lists.
import type { ArtifactListed, Namespace } from "~/api/types";
import { useNamespace } from "../namespaces/useNamespace";

/** What stands before the `:` or `@` of an image's name. */
export type Place = (of: Pick<ArtifactListed, "namespace" | "repository">) => string;

export function placeOf(namespace: Pick<Namespace, "source_host"> | undefined, here: string): Place {
  const host = namespace?.source_host;
  if (host) return ({ repository }) => `${host}/${repository}`;
  return ({ namespace, repository }) => `${here}/${namespace}/${repository}`;
}

export function usePlace(namespace: string): Place {
  return placeOf(useNamespace(namespace).data, location.host);
}

/** Whether the images of a namespace lie in a registry of others. */
export function useIsElsewhere(namespace: string | undefined): boolean {
  return Boolean(useNamespace(namespace).data?.source_host);
}
