import { expect, test } from "vitest";
import { ApiError } from "~/api/error";
import { each, reasonsOf } from "./many";

const refusal = (kind: string, detail: string) => new ApiError(kind, 409, detail);

test("one that fails does not keep the others from their turn, and each reason is told once", async () => {
  const { answers, failed } = await each(["a", "b", "busy", "c", "d"], async (name) => {
    if (name === "busy") throw refusal("scan-running", "a scan of it is on its way; stop it or wait");
    if (name === "a") throw refusal("not-available", "the server has no room left");
    if (name !== "d") throw refusal("in-use", "an index needs it");
    return name;
  });
  expect(answers).toEqual(["d"]);
  expect(failed.map((it) => it.artifact)).toEqual(["a", "b", "c"]);
  expect(reasonsOf(failed, (error) => error.message)).toEqual([
    ["an index needs it", 2],
    ["the server has no room left", 1],
  ]);
});

test("where nothing failed nothing is told", async () => {
  const { failed } = await each([1, 2], async (it) => it);
  expect(reasonsOf(failed, String)).toEqual([]);
});
