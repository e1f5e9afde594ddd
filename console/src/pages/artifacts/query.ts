// The filters of a list of artifacts as the interface takes them.
import type { paths } from "~/api/schema";
import { type AddressState, flagOf } from "~/parts/address";
import type { FILTERS } from "./Filters";

export type ArtifactQuery = NonNullable<paths["/artifacts"]["get"]["parameters"]["query"]>;

/** What stands in an address may be anything; the server refuses what is none of its words. */
export function queryOf(state: AddressState<keyof typeof FILTERS>): ArtifactQuery {
  const { q, tag } = state;
  return {
    q: q || undefined,
    // A part of a tag is enough, unless somebody knows globs.
    tag: tag === "" ? undefined : /[*?]/.test(tag) ? tag : `*${tag}*`,
    tagged: flagOf(state.tagged),
    state: (state.state || undefined) as ArtifactQuery["state"],
    verdict: (state.verdict || undefined) as ArtifactQuery["verdict"],
    severity: (state.severity || undefined) as ArtifactQuery["severity"],
    fixable: flagOf(state.fixable),
    incomplete: flagOf(state.incomplete),
    end_of_life: flagOf(state.end_of_life),
    referrers: flagOf(state.referrers),
    sort: state.sort as ArtifactQuery["sort"],
  };
}
