// The same deed for many artifacts, and what is told of those that failed. Asks nothing by itself.
import { ApiError } from "~/api/error";

export interface Failed<A> {
  artifact: A;
  error: Error;
}

/** One after the other, so that a hundred do not come at once. One that is running already is no failure,
 * and one that fails does not keep the others from their turn. */
export async function each<A, T>(
  artifacts: A[],
  act: (artifact: A) => Promise<T>,
): Promise<{ answers: T[]; failed: Failed<A>[] }> {
  const answers: T[] = [];
  const failed: Failed<A>[] = [];
  for (const artifact of artifacts) {
    try {
      answers.push(await act(artifact));
    } catch (error) {
      if (!(error instanceof ApiError && error.kind === "scan-running")) {
        failed.push({ artifact, error: error as Error });
      }
    }
  }
  return { answers, failed };
}

/** Each reason once with how many it is of, the most frequent first. */
export function reasonsOf(failed: Failed<unknown>[], text: (error: Error) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const { error } of failed) {
    const reason = text(error);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
