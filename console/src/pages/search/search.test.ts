import { expect, test } from "vitest";
import { nameOf } from "../artifacts/findings/fix";
import { mayBeVulnerability } from "./SearchPage";

test.each([
  ["CVE-2021-44228", true],
  ["ghsa-jfh8-c2jp-5v3q", true],
  ["ALAS2023-2024-1", true],
  ["RHSA-2024:1", true],
  ["openssl", false],
  ["team/app", false],
  ["sha256:0123", true],
  ["a-b", false],
])("%s may be the id of a vulnerability: %s", (text, may) => expect(mayBeVulnerability(text)).toBe(may));

test("a package's name is read out of its URL", () => {
  expect(nameOf("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1")).toBe(
    "org.apache.logging.log4j/log4j-core",
  );
  expect(nameOf("pkg:npm/%40babel/core@7?x=y#z")).toBe("@babel/core");
  expect(nameOf("pkg:deb/debian/a%zz@1")).toBe("debian/a%zz");
});
