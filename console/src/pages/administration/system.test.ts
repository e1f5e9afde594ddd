import { expect, test } from "vitest";
import type { AuditLine } from "~/api/types";
import { actionsIn, actorOf, exactly, queryOf, sentenceOf, targetOf } from "./audit";
import { madeUpPassword } from "./password";
import { bytesOf, unitOf } from "./quota";
import { providersOf, queueOf, readinessOf } from "./system";

test("the parts of the server in their order, and whether each is well", () => {
  const rows = readinessOf({ blobs: "ok", status: "ok", store: "disk full", vulnerability_database: "ok" });
  expect(rows.map((it) => [it.name, it.isGood])).toEqual([
    ["store", false],
    ["blobs", true],
    ["vulnerability_database", true],
  ]);
  expect(readinessOf("a proxy's page")).toEqual([]);
});

test("jobs by kind, what runs first", () => {
  const rows = queueOf([
    { kind: "scan", state: "done", count: 9 },
    { kind: "scan", state: "running", count: 1 },
    { kind: "scan", state: "failed", count: 0 },
  ]);
  expect(rows).toEqual([
    {
      kind: "scan",
      states: [
        { kind: "scan", state: "running", count: 1 },
        { kind: "scan", state: "done", count: 9 },
      ],
    },
  ]);
});

test("providers of another form are left out", () => {
  expect(providersOf({ providers: [{ name: "a", title: "A" }, null, "x"] })).toHaveLength(1);
  expect(providersOf(null)).toEqual([]);
});

test("the name of a route can be read", () => {
  expect(sentenceOf("createRobotToken")).toBe("Create robot token");
  expect(sentenceOf("pull.refused")).toBe("Pull refused");
  expect(sentenceOf("createRobotToken", "zh")).toBe("新建机器人令牌");
  expect(sentenceOf("somethingNew", "zh")).toBe("Something new");
});

test("the namespace of a target is left out where it stands beside it", () => {
  expect(targetOf({ target: "/namespaces/shop/policy", namespace: "shop" })).toBe("policy");
  expect(targetOf({ target: "/namespaces/shop/policy", namespace: null })).toBe("/namespaces/shop/policy");
  expect(targetOf({ target: "/users", namespace: "shop" })).toBe("/users");
  expect(actorOf("user/anna")).toBe("anna");
  expect(actorOf("robot/ci")).toBe("robot/ci");
});

test("filters are asked of the server, and only those that are set", () => {
  expect(queryOf({ q: "", action: "", outcome: "" })).toEqual({});
  expect(queryOf({ q: "anna", action: "pull", outcome: "refused" })).toEqual({
    q: "anna",
    action: "pull",
    allowed: false,
  });
});

test("actions are chosen by their words in each language", () => {
  expect(actionsIn("en")).toContainEqual({ value: "changePolicy", label: "Change policy" });
  expect(actionsIn("zh")).toContainEqual({ value: "changePolicy", label: "更改策略" });
});

test("lines of one action are read on until there are some, without those of others like it", async () => {
  const line = (action: string) => ({ action }) as AuditLine;
  const pages: Record<string, { items: AuditLine[]; next: string | null }> = {
    first: { items: [line("deleteTag"), line("deleteUser")], next: "b" },
    b: { items: [line("delete"), line("deleteTag")], next: "c" },
  };
  const read = async (cursor = "first") => pages[cursor] ?? { items: [], next: null };
  expect(await exactly("delete", undefined, read)).toEqual({ items: [line("delete")], next: "c" });
  expect((await exactly("", undefined, read)).items).toHaveLength(2);
});

test("a password that is made up is long, and differs each time", () => {
  const one = madeUpPassword();
  expect(one).toMatch(/^([a-zA-Z2-9]{5}-){3}[a-zA-Z2-9]{5}$/);
  expect(one).not.toBe(madeUpPassword());
});

test("bytes that would make some letters likelier are drawn again", () => {
  let drawn = 0;
  const password = madeUpPassword((bytes) => bytes.fill(drawn++ === 0 ? 255 : 0));
  expect(password).toBe("aaaaa-aaaaa-aaaaa-aaaaa");
});

test("a size is a short number of its unit", () => {
  expect(unitOf(50e9)).toBe("GB");
  expect(unitOf(2e12)).toBe("TB");
  expect(bytesOf(1.5, "GB")).toBe(1_500_000_000);
  expect(bytesOf(0, "MB")).toBe(1);
});
