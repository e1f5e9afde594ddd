import { expect, test } from "vitest";
import type { components } from "~/api/schema";
import { othersOf, upgradesOf } from "./upgrades";

const found = (name: string, version: string, fixed_version: string | null) =>
  ({ vulnerability: "CVE-1", severity: "high", package: name, version, fixed_version }) as const;

const reasons = [
  {
    rule: "max-severity",
    outcome: "deny" as const,
    what: "5 vulnerabilities are high or worse",
    count: 5,
    findings: [
      found("Django", "2.2", "2.2.4"),
      found("certifi", "2018.4.16", "2022.12.7"),
      found("Django", "2.2", "2.2.9"),
      found("certifi", "2022.9.24", "2022.12.7"),
      found("bash", "5.0", null),
    ],
  },
  {
    rule: "known-exploited",
    outcome: "allow" as const,
    what: "",
    count: 1,
    findings: [found("x", "1", "2")],
  },
];

test("each package is named once, with the last of its versions", () => {
  expect(upgradesOf(reasons)).toEqual([
    { package: "Django", version: "2.2", to: "2.2.9" },
    { package: "certifi", version: "2018.4.16", to: "2022.12.7" },
    { package: "certifi", version: "2022.9.24", to: "2022.12.7" },
  ]);
});

test("where there is a fix plan its versions are the ones", () => {
  const step = { name: "django", to: "4.2.16", packages: [{ name: "Django", version: "2.2" }] };
  const plan = { steps: [step as components["schemas"]["FixStep"]] };
  expect(upgradesOf(reasons, plan)[0]).toEqual({ package: "Django", version: "2.2", to: "4.2.16" });
  expect(upgradesOf(reasons, plan)).toHaveLength(3);
});

test("the sentence about upgrades is told apart from other advice", () => {
  expect(
    othersOf([
      "Upgrade Django to 2.2.4, Django to 2.2.9, and 7 more, build it again and push it: a push is never refused. Its fix plan says the rest.",
      "Have it scanned, and ask again.",
    ]),
  ).toEqual(["Have it scanned, and ask again."]);
});
