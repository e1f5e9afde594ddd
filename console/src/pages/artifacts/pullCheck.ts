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

/** Whether somebody may pull an image only since an exception speaks for it. The list does not tell: the gate
 * is asked, of images in namespaces where an exception holds at all, and again when another verdict is. */
export function useExcepted({ namespace, repository, digest, verdict }: Judged): boolean {
  const passes = verdict != null && verdict.answer !== "deny";
  const holding = useQuery({
    queryKey: ["exceptions", namespace, "holding"],
    queryFn: async ({ signal }) => {
      const params = { path: { namespace }, query: { limit: 500 } };
      const { items } = await answer(api.GET("/namespaces/{namespace}/exceptions", { params, signal }));
      return items.some((it) => !it.expired);
    },
    enabled: passes,
    staleTime: MINUTES,
    retry: false,
  });
  const check = useQuery({
    queryKey: ["excepted", namespace, repository, digest, verdict?.decided_at],
    queryFn: async ({ signal }) => {
      const query = { image: `${namespace}/${repository}@${digest}` };
      return (await answer(api.GET("/pull-check", { params: { query }, signal }))).exceptions.length > 0;
    },
    enabled: passes && holding.data === true,
    staleTime: MINUTES,
    retry: false,
  });
  return check.data ?? false;
}

const MINUTES = 5 * 60_000;

export type Judged = Pick<ArtifactListed, "namespace" | "repository" | "digest" | "verdict">;

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
