import { describe, expect, test } from "vitest";
import { repositoryOf, to } from "./addresses";

describe("addresses are read as they are made", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  test.each([
    ["app", digest],
    ["team/app", "latest"],
    ["artifacts/x", "v1"],
    ["a/artifacts/b", undefined],
    ["artifacts", digest],
  ])("%s %s", (repository, reference) => {
    const path =
      reference === undefined ? to.repository("n", repository) : to.artifact("n", repository, reference);
    expect(repositoryOf(path.slice("/namespaces/n/repositories/".length))).toEqual({ repository, reference });
  });

  test("an image's address is the one that the gate names", () => {
    expect(to.artifact("team", "group/app", digest)).toBe(
      `/namespaces/team/repositories/group/app/artifacts/${digest}`,
    );
  });
});
