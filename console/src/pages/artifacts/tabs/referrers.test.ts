import { expect, test } from "vitest";
import { kindOfReferrer } from "./referrers";

test("what speaks of an artifact is named by its type", () => {
  expect(kindOfReferrer("application/vnd.dev.cosign.artifact.sig.v1+json")).toBe("signature");
  expect(kindOfReferrer("application/vnd.cncf.notary.signature")).toBe("signature");
  expect(kindOfReferrer("application/spdx+json")).toBe("bill");
  expect(kindOfReferrer("application/vnd.cyclonedx+json")).toBe("bill");
  expect(kindOfReferrer("application/vnd.openvex+json")).toBe("vex");
  expect(kindOfReferrer("application/vnd.in-toto+json")).toBe("attestation");
  expect(kindOfReferrer("application/vnd.example.thing")).toBe("other");
});
