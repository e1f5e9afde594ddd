import { expect, test } from "vitest";
import { changesOf, membersOf, permissionsOf, rolesFor } from "./grants";

const ROLES = [
  { name: "viewer", permissions: ["read", "pull"] },
  { name: "security-auditor", permissions: ["read", "scan"] },
  { name: "namespace-admin", permissions: ["read", "administer"] },
  { name: "administrator", permissions: ["read", "administer"] },
];

test("grants of one account are one member, people first", () => {
  const members = membersOf(
    [
      { kind: "robot", name: "ci", granted: "push" },
      { kind: "user", name: "berta", granted: "viewer" },
      { kind: "user", name: "anna", granted: "viewer" },
      { kind: "user", name: "anna", granted: "scan" },
    ],
    ROLES,
  );
  expect(members.map((it) => it.name)).toEqual(["anna", "berta", "ci"]);
  expect(members[0]?.permissions).toEqual(["read", "pull", "scan"]);
});

test("a role that we do not know gives nothing here", () => {
  expect(permissionsOf(["of-tomorrow", "pull"], ROLES)).toEqual(["pull"]);
});

test("a change grants what is new and takes back what is gone", () => {
  expect(changesOf(["viewer", "scan"], ["viewer", "push"])).toEqual({ grant: ["push"], revoke: ["scan"] });
});

test("roles that would say the same twice are offered once", () => {
  const names = (place: "namespace" | "instance") => rolesFor(place, ROLES).map((it) => it.name);
  expect(names("namespace")).not.toContain("administrator");
  expect(names("instance")).not.toContain("namespace-admin");
});
