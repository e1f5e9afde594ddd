// Who is signed in, and what they may. Hides buttons only: the server alone decides.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { answer, api, onSignedOut, setCsrfToken } from "./client";
import { ApiError } from "./error";
import type { Account, Permission, Session } from "./types";

export type SessionState =
  | { is: "asking" }
  | { is: "out" }
  | { is: "failed"; error: Error }
  | { is: "in"; account: Account };

interface SessionValue {
  state: SessionState;
  signIn: (name: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  again: () => void;
}

const Context = createContext<SessionValue | undefined>(undefined);

/** Asks once who is signed in, and tells everything below. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<SessionState>({ is: "asking" });

  const begin = useCallback((session: Session) => {
    setCsrfToken(session.csrf_token);
    setState({ is: "in", account: session.account });
  }, []);
  const end = useCallback(() => {
    setCsrfToken(undefined);
    queries.clear();
    setState({ is: "out" });
  }, [queries]);
  const ask = useCallback(async () => {
    try {
      begin(await answer(api.GET("/session")));
    } catch (error) {
      if (error instanceof ApiError && error.kind === "unauthenticated") end();
      else setState({ is: "failed", error: error as Error });
    }
  }, [begin, end]);

  useEffect(() => {
    void ask();
    return onSignedOut(end);
  }, [ask, end]);

  const value = useMemo<SessionValue>(
    () => ({
      state,
      signIn: async (name, password) => {
        begin(await answer(api.POST("/session", { body: { name, password } })));
      },
      signOut: async () => {
        await answer(api.DELETE("/session"));
        end();
      },
      again: () => {
        setState({ is: "asking" });
        void ask();
      },
    }),
    [state, begin, end, ask],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSession(): SessionValue {
  const value = use(Context);
  if (value === undefined) throw new Error("useSession stands outside of SessionProvider");
  return value;
}

/** Who is signed in. Only below pages that need somebody. */
export function useAccount(): Account {
  const { state } = useSession();
  if (state.is !== "in") throw new Error("useAccount stands outside of a signed-in page");
  return state.account;
}

/** What whoever is signed in may do: in a namespace, or everywhere. Nothing, until it is known. */
export function usePermissions(namespace?: string): ReadonlySet<Permission> {
  const account = useAccount();
  const inNamespace = useQuery({
    queryKey: ["permissions", namespace, account.name],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/account/permissions/{namespace}", {
          params: { path: { namespace: namespace ?? "" } },
          signal,
        }),
      ),
    enabled: namespace !== undefined,
    staleTime: 60_000,
  });
  const words = namespace === undefined ? account.permissions : inNamespace.data?.permissions;
  return useMemo(() => new Set((words ?? []) as Permission[]), [words]);
}

/** Whether whoever is signed in may do something. */
export function useMay(permission: Permission, namespace?: string): boolean {
  return usePermissions(namespace).has(permission);
}
