import { expect, test } from "vitest";
import type { Registry } from "~/api/types";
import { globsOf, hostOf, needsPassword, registrySet, withGlob } from "./registries";

const fields = {
  name: "harbor",
  host: "harbor.example",
  username: "robot$plimsoll",
  password: "",
  insecure: false,
};
const before = { host: "harbor.example", username: "robot$plimsoll", insecure: false } as Registry;

test("the host is taken out of what was pasted", () => {
  expect(hostOf(" https://Harbor.Example/harbor/projects ")).toBe("harbor.example");
  expect(hostOf("10.0.0.7:5000")).toBe("10.0.0.7:5000");
  expect(hostOf("registry.example/team/app:1")).toBe("registry.example");
});

test("globs stand one in a line, each once", () => {
  expect(globsOf("library/*\nteam/app, team/app\n\n")).toEqual(["library/*", "team/app"]);
  expect(withGlob("library/*\n", "team/app")).toBe("library/*\nteam/app");
  expect(withGlob("library/*", "library/*")).toBe("library/*");
});

test("a password is asked for again only where it would be sent elsewhere or for another", () => {
  expect(needsPassword(fields)).toBe(true);
  expect(needsPassword(fields, before)).toBe(false);
  expect(needsPassword({ ...fields, host: "https://harbor.example/" }, before)).toBe(false);
  expect(needsPassword({ ...fields, host: "evil.example" }, before)).toBe(true);
  expect(needsPassword({ ...fields, username: "other" }, before)).toBe(true);
  expect(needsPassword({ ...fields, insecure: true }, before)).toBe(true);
  expect(needsPassword({ ...fields, username: " " }, before)).toBe(false);
});

test("what is left empty stays, and nobody has no password", () => {
  expect(registrySet(fields)).toEqual({
    name: "harbor",
    host: "harbor.example",
    insecure: false,
    username: "robot$plimsoll",
    password: undefined,
  });
  expect(registrySet({ ...fields, username: "", password: "left over" })).toMatchObject({
    username: null,
    password: null,
  });
});
