import { describe, expect, test } from "vitest";
import type { Finding } from "~/api/types";
import { commandOf, nameOf, remedyOf } from "./fix";

const finding = (over: Partial<Finding>): Finding => ({
  id: "CVE-2024-1",
  aliases: [],
  class: "vulnerability",
  severity: "high",
  severity_source: "nvd",
  exploited: false,
  status: "fixed",
  fixed_version: "1.2.4",
  fixable: true,
  purl: "pkg:npm/%40acme/left@1.2.3",
  package: "@acme/left",
  version: "1.2.3",
  path: "/app/node_modules/@acme/left/package.json",
  platforms: [],
  why: "@acme/left 1.2.3 < 1.2.4",
  certain: true,
  references: [],
  references_left_out: 0,
  ...over,
});

describe("what to do", () => {
  test("a package with a fix is upgraded to it, by its own tool", () => {
    expect(remedyOf(finding({}))).toEqual({
      do: "upgrade",
      to: "1.2.4",
      command: "npm install @acme/left@^1.2.4",
    });
  });

  test("what belongs to the operating system is upgraded with it", () => {
    const owner = "pkg:deb/debian/python3-requests@2.25?arch=all";
    expect(remedyOf(finding({ owner }))).toMatchObject({
      do: "upgrade-owner",
      owner: "debian/python3-requests",
    });
  });

  test("without a fix, what the vendor says is all there is", () => {
    const status = "will_not_fix";
    expect(remedyOf(finding({ fixable: false, fixed_version: null, status }))).toEqual({
      do: "wait",
      status,
    });
  });

  test("malware is removed, whatever versions there are", () => {
    expect(remedyOf(finding({ class: "malware" }))).toEqual({ do: "remove" });
  });

  test("a name that a shell would read gives no command", () => {
    for (const name of ["x; rm -rf /", "$(id)", "-o", "a b", "a'b", ""]) {
      expect(commandOf("pkg:deb/debian/x@1", name, "1")).toBeUndefined();
    }
    expect(commandOf("pkg:deb/debian/x@1", "x", "1'; id")).toBeUndefined();
  });

  test("a package URL's name has its group, and no version", () => {
    expect(nameOf("pkg:maven/org.apache/log4j@2.1?type=jar")).toBe("org.apache/log4j");
    expect(nameOf("pkg:npm/%40acme/left")).toBe("@acme/left");
    expect(nameOf("pkg:npm/%zz@1")).toBe("%zz");
  });
});
