import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answer, api, onSignedOut, setCsrfToken } from "./client";
import { ApiError, mayHelpToRetry } from "./error";

const sent: Request[] = [];

/** The next answers of the server, in their order. */
function answers(...responses: (Response | Error)[]) {
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(request);
    const next = responses.shift();
    if (next instanceof Response) return next;
    throw next ?? new TypeError("no more answers");
  });
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

beforeEach(() => {
  sent.length = 0;
});

afterEach(() => {
  vi.unstubAllGlobals();
  setCsrfToken(undefined);
});

test("what changes something carries the session's value, what reads does not", async () => {
  answers(json(200, { items: [], next: null }), json(201, { name: "a" }));
  setCsrfToken("value");
  await answer(api.GET("/namespaces"));
  await answer(api.POST("/namespaces", { body: { name: "a" } }));
  expect(sent.map((it) => it.headers.get("x-csrf-token"))).toEqual([null, "value"]);
});

test("slashes of a repository's name are part of it", async () => {
  answers(json(200, {}));
  const path = { namespace: "n", repository: "a/b" };
  await answer(api.GET("/namespaces/{namespace}/repositories/{repository}", { params: { path } }));
  expect(new URL(sent[0]?.url ?? "").pathname).toBe("/api/v1/namespaces/n/repositories/a%2Fb");
});

test("a refusal is an error with its kind, its sentence and its number", async () => {
  const body = {
    type: "urn:plimsoll:problem:exists",
    title: "There is one",
    status: 409,
    detail: "x is taken",
  };
  answers(json(409, { ...body, pointer: "/name", instance: "urn:1" }));
  const error = await answer(api.GET("/namespaces")).catch((it: unknown) => it);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ kind: "exists", status: 409, message: "x is taken", pointer: "/name" });
});

test("a proxy's page and a broken line are told apart from the server's refusals", async () => {
  answers(new Response("<html>Bad gateway</html>", { status: 502 }), new TypeError("failed to fetch"));
  const first = await answer(api.GET("/namespaces")).catch((it: unknown) => it);
  expect(first).toMatchObject({ kind: "unreadable", status: 502, detail: undefined });
  const second = await answer(api.GET("/namespaces")).catch((it: unknown) => it);
  expect(second).toMatchObject({ kind: "unreachable", status: 0 });
  expect([first, second].map(mayHelpToRetry)).toEqual([true, true]);
});

test("who is signed out hears of it, once signed in", async () => {
  const refusal = () => json(401, { type: "urn:plimsoll:problem:unauthenticated", title: "", status: 401 });
  let heard = 0;
  const stop = onSignedOut(() => heard++);
  answers(refusal(), refusal());
  await answer(api.GET("/account")).catch(() => undefined);
  expect(heard).toBe(0);
  setCsrfToken("value");
  await answer(api.GET("/account")).catch(() => undefined);
  expect(heard).toBe(1);
  stop();
});
