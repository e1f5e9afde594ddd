import { expect, test } from "vitest";
import { imageNameOf, pullCommandsOf } from "./commands";

const digest = `sha256:${"a".repeat(64)}`;
const image = {
  namespace: "team",
  repository: "deep/app",
  digest,
  tags: ["1.2"],
  media_type: "application/vnd.oci.image.manifest.v1+json",
  artifact_type: null,
};

test("an image is named by its tag, or by its digest where there is none", () => {
  expect(imageNameOf("hub.example:8443", image, "1.2")).toBe("hub.example:8443/team/deep/app:1.2");
  expect(pullCommandsOf("hub.example", image)[0]).toBe(`docker pull hub.example/team/deep/app@${digest}`);
});

test("each kind has the command of its own client", () => {
  const chart = { ...image, artifact_type: "application/vnd.cncf.helm.config.v1+json" };
  expect(pullCommandsOf("hub.example", chart, "1.2")).toEqual([
    "helm pull oci://hub.example/team/deep/app --version 1.2",
  ]);
  const other = { ...image, artifact_type: "application/vnd.example" };
  expect(pullCommandsOf("hub.example", other, "1.2")).toEqual(["oras pull hub.example/team/deep/app:1.2"]);
});
