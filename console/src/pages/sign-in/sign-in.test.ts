import { expect, test } from "vitest";
import { beginning } from "./SignInPage";

test("signing in elsewhere begins on this server, and comes back to the page that was asked for", () => {
  expect(beginning({ address: "/auth/oidc/login" }, "/namespaces?q=a b")).toBe(
    "/auth/oidc/login?to=%2Fnamespaces%3Fq%3Da+b",
  );
  expect(beginning({ address: "//evil.example/x" }, "/")).toBe("/evil.example/x?to=%2F");
  expect(beginning({ address: "https://evil.example/x" }, "/")).toBe("/x?to=%2F");
});
