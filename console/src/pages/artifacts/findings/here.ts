// Which artifact the findings shown are of, for what stands deep inside of a row.
import { createContext, use } from "react";
import type { ArtifactAddress } from "../artifact";

interface HereValue extends ArtifactAddress {
  /** The base image that the image itself names. */
  base?: string;
  /** Which result of it. */
  result: string;
}

export const Here = createContext<HereValue | undefined>(undefined);

export function useHere(): HereValue {
  const here = use(Here);
  if (here === undefined) throw new Error("useHere stands outside of a list of findings");
  return here;
}

export function addressOf({ namespace, repository, reference }: ArtifactAddress): ArtifactAddress {
  return { namespace, repository, reference };
}
