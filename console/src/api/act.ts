// Something that is done by a press of a button: says how it went, and has the lists concerned read again.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useToasts } from "~/parts/toasts";

/** Has every query read again whose key begins with one of these words. */
export function useOld(): (...nouns: string[]) => void {
  const queries = useQueryClient();
  return useCallback(
    (...nouns) => {
      void queries.invalidateQueries({ predicate: (query) => nouns.includes(String(query.queryKey[0])) });
    },
    [queries],
  );
}

/** For buttons outside of dialogs: a failure is told as a message. Gives the deed and whether it runs. */
export function useAct(): [(deed: () => Promise<string | undefined>) => void, boolean] {
  const toasts = useToasts();
  const [isBusy, setBusy] = useState(false);
  const act = useCallback(
    (deed: () => Promise<string | undefined>) => {
      setBusy(true);
      deed()
        .then((text) => text !== undefined && toasts.done(text))
        .catch(toasts.failed)
        .finally(() => setBusy(false));
    },
    [toasts],
  );
  return [act, isBusy];
}
