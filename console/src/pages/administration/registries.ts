// Registries of others as people type them. Pure.
import type { Registry, RegistrySet } from "~/api/types";

/** The host of what people paste: an address of a page, or an image's name. */
export function hostOf(text: string): string {
  const [host = ""] = text
    .trim()
    .replace(/^[a-z]+:\/\//i, "")
    .split("/");
  return host.toLowerCase();
}

/** One in a line, or parted by commas and spaces; each once. */
export function globsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,，、]+/).filter((it) => it !== ""))];
}

/** A text of globs with one more. */
export function withGlob(text: string, glob: string): string {
  return [...globsOf(text), glob].filter((it, place, all) => all.indexOf(it) === place).join("\n");
}

export interface RegistryFields {
  name: string;
  host: string;
  username: string;
  password: string;
  insecure: boolean;
}

/** Whether the password has to be typed: that of before is sent nowhere else, and for nobody else. */
export function needsPassword(fields: RegistryFields, before?: Registry): boolean {
  if (fields.username.trim() === "") return false;
  return (
    before === undefined ||
    hostOf(fields.host) !== before.host ||
    fields.username.trim() !== before.username ||
    fields.insecure !== before.insecure
  );
}

/** What is sent. A password that is left out stays as it was; nobody's account has none. */
export function registrySet({ name, host, username, password, insecure }: RegistryFields): RegistrySet {
  const account = username.trim();
  const secret = password === "" ? undefined : password;
  return {
    name: name.trim(),
    host: hostOf(host),
    insecure,
    username: account === "" ? null : account,
    password: account === "" ? null : secret,
  };
}
