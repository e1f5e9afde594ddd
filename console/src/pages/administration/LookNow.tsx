// The source of a namespace, for those who configure it: how the last look went, and looking now.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useAct, useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useMay } from "~/api/session";
import type { Source } from "~/api/types";
import { useWords } from "~/i18n";
import { registryWords } from "~/i18n/words/registries";
import { plain } from "~/parts/Advisory";
import { Said } from "~/parts/Said";
import css from "./administration.module.css";

export const SOURCE = "/namespaces/{namespace}/source";

/** The source of a namespace; none, where its images lie here. */
export function useSource(namespace: string, isAsked = true) {
  return useQuery({
    queryKey: ["namespaces", "source", namespace],
    queryFn: async ({ signal }): Promise<Source | null> => {
      try {
        return await answer(api.GET(SOURCE, { params: { path: { namespace } }, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    enabled: isAsked,
    // No event tells that a look has ended.
    refetchInterval: ({ state }) => (state.data ? 10_000 : false),
  });
}

export function LookNow({ namespace }: { namespace: string }) {
  const say = useWords(registryWords);
  const may = useMay("configure", namespace);
  const old = useOld();
  const [act, isBusy] = useAct();
  if (!may) return null;
  const look = () =>
    act(async () => {
      await answer(api.POST(`${SOURCE}/sync`, { params: { path: { namespace } } }));
      old("namespaces");
      return say("willLook");
    });
  return (
    <Button variant="default" leftSection={<RotateCw size={14} />} loading={isBusy} onClick={look}>
      {say("look")}
    </Button>
  );
}

/** What is wrong with a list that is not as its registry is; nothing, where all is well. */
export function SourceTrouble({ source }: { source: Source }) {
  const say = useWords(registryWords);
  return (
    <>
      {source.problem && (
        <div className={css.notice} role="status">
          {say("wentWrong")} <Said text={plain(source.problem)} />
        </div>
      )}
      {source.is_cut && (
        <div className={css.notice} role="status">
          {say("isCut")}
        </div>
      )}
    </>
  );
}
