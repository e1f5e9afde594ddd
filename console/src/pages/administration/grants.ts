// Who may do what: grants by account, and what has to be granted and taken back for a change. Pure.
import type { Permission } from "~/api/types";

export interface Grant {
  kind: string;
  name: string;
  granted: string;
}

export interface RoleRow {
  name: string;
  permissions: string[];
}

/** All that was granted to one account in one place. */
export interface Member {
  kind: string;
  name: string;
  granted: string[];
  /** What it comes to. */
  permissions: Permission[];
}

export const PERMISSIONS: readonly Permission[] = ["read", "pull", "push", "scan", "configure", "administer"];

export function isPermission(word: string): word is Permission {
  return (PERMISSIONS as readonly string[]).includes(word);
}

/** What grants come to together, in the order of the manual. */
export function permissionsOf(granted: string[], roles: RoleRow[]): Permission[] {
  const all = new Set(
    granted.flatMap((word) =>
      isPermission(word) ? [word] : (roles.find((it) => it.name === word)?.permissions ?? []),
    ),
  );
  return PERMISSIONS.filter((it) => all.has(it));
}

/** Grants by account: people first, by name. */
export function membersOf(grants: Grant[], roles: RoleRow[]): Member[] {
  const members = new Map<string, Member>();
  for (const { kind, name, granted } of grants) {
    const key = `${kind}/${name}`;
    const member = members.get(key) ?? { kind, name, granted: [], permissions: [] };
    member.granted.push(granted);
    members.set(key, member);
  }
  return [...members.values()]
    .map((it) => ({ ...it, permissions: permissionsOf(it.granted, roles) }))
    .sort((one, other) => other.kind.localeCompare(one.kind) || one.name.localeCompare(other.name));
}

/** What to grant and what to take back, so that only what is wanted stays. */
export function changesOf(before: string[], wanted: string[]): { grant: string[]; revoke: string[] } {
  return {
    grant: wanted.filter((it) => !before.includes(it)),
    revoke: before.filter((it) => !wanted.includes(it)),
  };
}

/** The roles that make sense in a place: each other one would say the same as one of these. */
export function rolesFor(place: "namespace" | "instance", roles: RoleRow[]): RoleRow[] {
  const unwanted = place === "namespace" ? "administrator" : "namespace-admin";
  return roles.filter((it) => it.name !== unwanted);
}
