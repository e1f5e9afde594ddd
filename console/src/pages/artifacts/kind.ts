// What kind of thing an artifact is, as people call it. Pure.
import type { ArtifactListed } from "~/api/types";

export type ArtifactKind = "index" | "image" | "chart" | "other";

export function kindOf({
  media_type,
  artifact_type,
}: Pick<ArtifactListed, "media_type" | "artifact_type">): ArtifactKind {
  if (media_type.includes("index") || media_type.includes("manifest.list")) return "index";
  if (artifact_type?.includes("helm")) return "chart";
  if (!artifact_type || /image\.config|container\.image/.test(artifact_type)) return "image";
  return "other";
}
