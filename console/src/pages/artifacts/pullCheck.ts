// What the gate would answer to a pull of an image now.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import type { Answer, ArtifactListed, PullCheck } from "~/api/types";
import type { Reason } from "~/parts/VerdictBadge";
import { keyOf } from "./artifact";

/** What the gate would answer to a pull, and the exceptions that made it so. */
export function usePullCheck(
  { namespace, repository, digest }: Pick<ArtifactListed, "namespace" | "repository" | "digest">,
  isAsked = true,
) {
  const image = `${namespace}/${repository}@${digest}`;
  return useQuery({
    queryKey: keyOf({ namespace, repository, reference: digest }, "pull-check"),
    queryFn: ({ signal }) => answer(api.GET("/pull-check", { params: { query: { image } }, signal })),
    enabled: isAsked,
  });
}

export interface Standing {
  answer: Answer;
  reasons: Reason[];
  decided_at?: string;
  lowered?: string | null;
  holds_until?: string | null;
}

/** What stands in the way of a pull though no verdict is written down, as of an image that nobody could
 * scan: nobody shall read that it may be pulled. */
export function standingOf(check: PullCheck | undefined): Standing | undefined {
  if (!check?.answer || check.answer === "allow") return undefined;
  const { answer, lowered, holds_until } = check;
  const reasons = check.reasons.map((it) => ({
    ...it,
    findings: it.findings.map(({ vulnerability, fixed_version, ...finding }) => ({
      ...finding,
      id: vulnerability,
      fixed_version: fixed_version ?? undefined,
    })),
  }));
  return { answer, reasons, lowered, holds_until };
}
