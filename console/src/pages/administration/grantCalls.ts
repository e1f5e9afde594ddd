// Grants in a namespace or everywhere: the same requests at two addresses.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "~/api/client";
import { changesOf, type Grant, type RoleRow } from "./grants";

export interface GrantCalls {
  /** None where grants hold everywhere. */
  namespace?: string;
  list: (signal: AbortSignal) => Promise<{ items: Grant[] }>;
  grant: (grant: Grant) => Promise<unknown>;
  revoke: (grant: Grant) => Promise<unknown>;
}

type Kind = "user" | "robot";
type Granted = "viewer";

const HERE = "/namespaces/{namespace}/grants/{kind}/{name}/{granted}";
const ONE = "/grants/{kind}/{name}/{granted}";

/** The words are the interface's own: it refuses those it does not know. */
const pathOf = ({ kind, name, granted }: Grant) => ({
  kind: kind as Kind,
  name,
  granted: granted as Granted,
});

export function grantsOf(namespace: string): GrantCalls {
  const path = (grant: Grant) => ({ params: { path: { namespace, ...pathOf(grant) } } });
  return {
    namespace,
    list: (signal) =>
      answer(api.GET("/namespaces/{namespace}/grants", { params: { path: { namespace } }, signal })),
    grant: (grant) => answer(api.PUT(HERE, path(grant))),
    revoke: (grant) => answer(api.DELETE(HERE, path(grant))),
  };
}

export const GRANTS_EVERYWHERE: GrantCalls = {
  list: (signal) => answer(api.GET("/grants", { signal })),
  grant: (grant) => answer(api.PUT(ONE, { params: { path: pathOf(grant) } })),
  revoke: (grant) => answer(api.DELETE(ONE, { params: { path: pathOf(grant) } })),
};

/** Grants what is new before it takes back what is gone, so that nobody is shut out in between. */
export async function changeGrants(
  calls: GrantCalls,
  who: { kind: string; name: string },
  before: string[],
  wanted: string[],
): Promise<void> {
  const { grant, revoke } = changesOf(before, wanted);
  for (const granted of grant) await calls.grant({ ...who, granted });
  for (const granted of revoke) await calls.revoke({ ...who, granted });
}

export function useRoles(): RoleRow[] {
  const query = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => answer(api.GET("/roles", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return query.data ?? NONE;
}

const NONE: RoleRow[] = [];
