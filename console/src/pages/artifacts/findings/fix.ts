// What to do about a finding, as data: the page says it in words. Commands are for a Dockerfile or the
// project's own tool; a name with anything unusual in it gives none, since it would be copied into a shell.
import type { Finding } from "~/api/types";

export type Remedy =
  /** Take it out: nothing else helps against malware. */
  | { do: "remove" }
  /** The package belongs to one of the operating system, which is what can be upgraded. */
  | { do: "upgrade-owner"; owner: string; to?: string }
  | { do: "upgrade"; to: string; command?: string }
  /** Nothing to be had: what the vendor says. */
  | { do: "wait"; status: string };

export function remedyOf(finding: Finding): Remedy {
  if (finding.class === "malware") return { do: "remove" };
  const to = finding.fixed_version ?? undefined;
  if (!finding.fixable || to === undefined) return { do: "wait", status: finding.status };
  if (finding.owner) return { do: "upgrade-owner", owner: nameOf(finding.owner), to };
  return { do: "upgrade", to, command: commandOf(finding.purl, finding.package, to) };
}

/** The name of a package URL, without its version and what else stands there. */
export function nameOf(purl: string): string {
  const path = purl.replace(/^pkg:[^/]+\//, "").split(/[?#]/)[0] ?? "";
  const at = path.lastIndexOf("@");
  const name = at > 0 ? path.slice(0, at) : path;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function typeOf(purl: string): string {
  return /^pkg:([^/]+)\//.exec(purl)?.[1] ?? "";
}

const isTame = (text: string) => /^(?!-)[A-Za-z0-9+\-._:~@/^]+$/.test(text);

const COMMANDS: Record<string, (name: string, version: string) => string> = {
  // The version that fixes it may be the source's, so that these take the newest there is.
  deb: (name) => `apt-get update && apt-get install -y --only-upgrade ${name}`,
  apk: (name) => `apk add --no-cache --upgrade ${name}`,
  rpm: (name) => `dnf upgrade -y ${name}`,
  pypi: (name, version) => `pip install '${name}>=${version}'`,
  npm: (name, version) => `npm install ${name}@^${version}`,
  gem: (name, version) => `bundle add ${name} --version '>= ${version}'`,
  cargo: (name, version) => `cargo update -p ${name} --precise ${version}`,
  golang: (name, version) => `go get ${name}@${version.startsWith("v") ? version : `v${version}`}`,
  composer: (name, version) => `composer require '${name}:^${version}'`,
  nuget: (name, version) => `dotnet add package ${name} --version ${version}`,
};

/** A command that brings the fix, where its tool has one. */
export function commandOf(purl: string, name: string, version: string): string | undefined {
  const type = typeOf(purl);
  // Packages of a distribution are known by their name alone; those of a language by all of it.
  const whole = ["deb", "apk", "rpm", "pypi"].includes(type) ? name : nameOf(purl);
  if (!isTame(whole) || !isTame(version)) return undefined;
  if (type === "golang" && whole === "stdlib") return undefined;
  return COMMANDS[type]?.(whole, version);
}
