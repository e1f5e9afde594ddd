import { expect, test } from "vitest";
import { imageNameOf, pullCommandsOf } from "./commands";
import { placeOf } from "./place";

const digest = `sha256:${"a".repeat(64)}`;
const image = {
  namespace: "team",
  repository: "deep/app",
  digest,
  tags: ["1.2"],
  media_type: "application/vnd.oci.image.manifest.v1+json",
  artifact_type: null,
};

const here = placeOf({ source_host: null }, "hub.example");

test("an image is named by its tag, or by its digest where there is none", () => {
  expect(imageNameOf(placeOf(undefined, "hub.example:8443"), image, "1.2")).toBe(
    "hub.example:8443/team/deep/app:1.2",
  );
  expect(pullCommandsOf(here, image)[0]).toBe(`docker pull hub.example/team/deep/app@${digest}`);
});

test("what lies in a registry of others is pulled from there, under its name there", () => {
  const there = placeOf({ source_host: "harbor.example" }, "hub.example");
  expect(imageNameOf(there, image, "1.2")).toBe("harbor.example/deep/app:1.2");
});

test("each kind has the command of its own client", () => {
  const chart = { ...image, artifact_type: "application/vnd.cncf.helm.config.v1+json" };
  expect(pullCommandsOf(here, chart, "1.2")).toEqual([
    "helm pull oci://hub.example/team/deep/app --version 1.2",
  ]);
  const other = { ...image, artifact_type: "application/vnd.example" };
  expect(pullCommandsOf(here, other, "1.2")).toEqual(["oras pull hub.example/team/deep/app:1.2"]);
});
