// What kind of thing speaks of an artifact, by its type. Pure.

export type ReferrerKind = "signature" | "bill" | "vex" | "attestation" | "other";

const KINDS: [RegExp, ReferrerKind][] = [
  [/openvex|csaf|\bvex\b/, "vex"],
  [/spdx|cyclonedx|syft|sbom/, "bill"],
  [/cosign|notary|sigstore|signature|pgp/, "signature"],
  [/in-toto|attest|slsa|provenance|dsse/, "attestation"],
];

export function kindOfReferrer(type: string): ReferrerKind {
  const lower = type.toLowerCase();
  return KINDS.find(([pattern]) => pattern.test(lower))?.[1] ?? "other";
}
