// The commands that get an artifact, for the client that knows its kind. Pure.
import type { ArtifactListed } from "~/api/types";
import { kindOf } from "./kind";
import type { Place } from "./place";

type Named = Pick<
  ArtifactListed,
  "namespace" | "repository" | "digest" | "tags" | "media_type" | "artifact_type"
>;

/** The artifact as clients name it: by a tag, or by its digest, which always means the same. */
export function imageNameOf(place: Place, artifact: Named, tag?: string): string {
  return `${place(artifact)}${tag === undefined ? `@${artifact.digest}` : `:${tag}`}`;
}

/** What gets it, the first being what most people use. */
export function pullCommandsOf(place: Place, artifact: Named, tag?: string): string[] {
  const name = imageNameOf(place, artifact, tag);
  switch (kindOf(artifact)) {
    case "chart": {
      const version = tag ?? artifact.tags[0] ?? artifact.digest;
      return [`helm pull oci://${place(artifact)} --version ${version}`];
    }
    case "other":
      return [`oras pull ${name}`];
    default:
      return [`docker pull ${name}`, `podman pull ${name}`];
  }
}
