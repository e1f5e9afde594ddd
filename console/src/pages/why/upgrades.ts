// What to upgrade so that an image may be pulled: each package once. Pure.
import type { components } from "~/api/schema";
import type { PullCheck } from "~/api/types";

type Plan = components["schemas"]["FixPlan"];

export interface Upgrade {
  package: string;
  version: string;
  to: string;
}

/** The server's own sentence about it, which has a package once for each version that fixes something. */
const SENTENCE = /^Upgrade .+, build it again and push it: /s;

/** The advice that is not about upgrades. */
export function othersOf(advice: string[]): string[] {
  return advice.filter((it) => !SENTENCE.test(it));
}

/** One for each package as it is installed, of what the reasons against the image name. The fix plan knows
 * the version that fixes all of it; without one it is the last that was named. */
export function upgradesOf(reasons: PullCheck["reasons"], plan?: Pick<Plan, "steps">): Upgrade[] {
  const upgrades = new Map<string, Upgrade>();
  for (const { findings } of reasons.filter((it) => it.outcome !== "allow")) {
    for (const { package: name, version, fixed_version: fixed } of findings) {
      const to = planned(name, version, plan) ?? fixed;
      if (to) upgrades.set(`${name} ${version}`, { package: name, version, to });
    }
  }
  return [...upgrades.values()];
}

function planned(name: string, version: string, plan?: Pick<Plan, "steps">): string | undefined {
  const isMeant = (it: { name: string; version: string }) => it.name === name && it.version === version;
  return plan?.steps.find((step) => step.packages.some(isMeant))?.to;
}
