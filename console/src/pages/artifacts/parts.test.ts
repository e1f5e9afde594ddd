import { expect, test } from "vitest";
import type { ArtifactListed, ArtifactOverview } from "~/api/types";
import { indexesOf, keyOf, partsOf } from "./parts";

const artifact = (digest: string, tags: string[], media_type = "image.manifest") =>
  ({ namespace: "team", repository: "app", digest, tags, media_type }) as ArtifactListed;
const index = artifact("sha256:i", ["multi"], "image.index");

test("an image without a tag belongs to the index that names it, for its platform", () => {
  const platforms = [{ digest: "sha256:a", platform: "linux/arm64" }, { digest: "sha256:b" }];
  const parts = partsOf([{ artifact: index, platforms } as ArtifactOverview]);
  expect(parts.get(keyOf(artifact("sha256:a", [])))).toEqual({ index, platform: "linux/arm64" });
  expect(parts.get(keyOf(artifact("sha256:b", [])))).toEqual({ index, platform: undefined });
  expect(parts.get(keyOf({ ...artifact("sha256:a", []), repository: "other" }))).toBeUndefined();
});

test("of two indexes that name an image the one higher up has it", () => {
  const older = artifact("sha256:o", ["before"], "image.index");
  const platforms = [{ digest: "sha256:a" }];
  const parts = partsOf([index, older].map((it) => ({ artifact: it, platforms }) as ArtifactOverview));
  expect(parts.get(keyOf(artifact("sha256:a", [])))?.index).toBe(index);
});

test("no index is asked where every image has a tag", () => {
  expect(indexesOf([index, artifact("sha256:a", ["1"])])).toEqual([]);
  expect(indexesOf([index, artifact("sha256:a", [])])).toEqual([index]);
});
