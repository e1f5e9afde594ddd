import { expect, test } from "vitest";
import { pageOf, refusalOf, wordOf } from "./refused";
import { beginning } from "./SignInPage";

test("signing in elsewhere begins on this server, and comes back to the page that was asked for", () => {
  expect(beginning({ address: "/auth/oidc/login" }, "/namespaces?q=a b")).toBe(
    "/auth/oidc/login?to=%2Fnamespaces%3Fq%3Da+b",
  );
  expect(beginning({ address: "//evil.example/x" }, "/")).toBe("/evil.example/x?to=%2F");
  expect(beginning({ address: "https://evil.example/x" }, "/")).toBe("/x?to=%2F");
});

test("a refusal is told by its code, and what is no code is not shown", () => {
  expect(refusalOf("?refused=no-account")).toBe("no-account");
  expect(refusalOf("?refused=Call+555-1234")).toBeUndefined();
  expect(refusalOf("")).toBeUndefined();
  expect(wordOf("no-account")).toBe("refusedNoAccount");
  expect(wordOf("new-one")).toBeUndefined();
  expect(wordOf("toString")).toBeUndefined();
});

test("signing in leads to the page asked for, without the refusal before", () => {
  expect(pageOf({ pathname: "/sign-in", search: "?refused=over" })).toBe("/");
  expect(pageOf({ pathname: "/namespaces", search: "?q=a&refused=over" })).toBe("/namespaces?q=a");
  expect(pageOf({ pathname: "/", search: "" })).toBe("/");
});
