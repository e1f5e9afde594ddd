// The filters of findings as they stand in the address, and as the interface wants them.
import type { paths } from "~/api/schema";
import { type AddressState, flagOf } from "~/parts/address";

export const FINDING_FILTERS = {
  q: "",
  /** What a row is: nothing for a finding, else `vulnerability`, `package` or `layer`. */
  by: "",
  severity: "",
  fixable: "",
  exploited: "",
  status: "",
  epss: "",
  package: "",
  type: "",
  layer: "",
  /** Whose layer it is: `base`, `own` or `unknown`. */
  from: "",
  path: "",
  platform: "",
  suppressed: "",
  sort: "severity",
};

export type FindingFilter = keyof typeof FINDING_FILTERS;
export type FindingState = AddressState<FindingFilter>;

type Query = NonNullable<
  paths["/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/findings"]["get"]["parameters"]["query"]
>;
export type GroupWord = "vulnerability" | "package" | "layer";

/** Those that are not seen at first; if one of them is set, they are. */
export const FURTHER: FindingFilter[] = [
  "status",
  "epss",
  "package",
  "type",
  "layer",
  "from",
  "path",
  "platform",
];

export function queryOf(state: FindingState): Omit<Query, "cursor" | "limit" | "sort"> {
  return {
    q: state.q || undefined,
    severity: (state.severity || undefined) as Query["severity"],
    fixable: flagOf(state.fixable),
    exploited: flagOf(state.exploited),
    status: (state.status || undefined) as Query["status"],
    epss: state.epss === "" ? undefined : Number(state.epss),
    package: state.package || undefined,
    type: state.type || undefined,
    diff_id: state.layer || undefined,
    from: (state.from || undefined) as Query["from"],
    path: state.path || undefined,
    platform: state.platform || undefined,
    suppressed: state.suppressed === "yes" || undefined,
  };
}

/** Whether anything is filtered; order, grouping and which of the two lists it is do not count. */
export function isFiltered(state: FindingState): boolean {
  const kept: FindingFilter[] = ["by", "sort", "suppressed"];
  return (Object.keys(FINDING_FILTERS) as FindingFilter[]).some(
    (key) => !kept.includes(key) && state[key] !== FINDING_FILTERS[key],
  );
}

/** What leads from a group to its findings. */
export function membersOf(by: GroupWord, key: string): Partial<FindingState> {
  if (by === "package") return { package: key };
  if (by === "layer") return { layer: key };
  return { q: key };
}
