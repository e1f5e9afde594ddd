// The policy of a namespace: what it asks in words, a form to change it, and what it would have done.
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useMay } from "~/api/session";
import type { Namespace } from "~/api/types";
import { useWords } from "~/i18n";
import { policyWords } from "~/i18n/words/policy";
import { Failure, Loading } from "~/parts/States";
import { Beginnings } from "./Beginnings";
import { PolicyEditor } from "./PolicyEditor";
import { PolicyInWords } from "./PolicyInWords";
import { PreviewPanel } from "./PreviewPanel";
import { type Policy, policyOf } from "./policy";
import css from "./policy.module.css";

export function usePolicy(namespace: string) {
  return useQuery({
    queryKey: ["policy", namespace],
    queryFn: async ({ signal }) => {
      try {
        const path = { namespace };
        const { policy } = await answer(
          api.GET("/namespaces/{namespace}/policy", { params: { path }, signal }),
        );
        return policyOf(policy);
      } catch (error) {
        // It has none of its own: nothing that failed.
        if (error instanceof ApiError && error.kind === "not-found") return null;
        throw error;
      }
    },
  });
}

export default function PolicyTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  const may = useMay("configure", namespace);
  const found = usePolicy(namespace);
  const [begun, setBegun] = useState<Policy>();
  const old = useOld();
  const queries = useQueryClient();
  if (found.error) return <Failure error={found.error} again={() => void found.refetch()} />;
  if (found.isPending) return <Loading />;
  const saved = (policy: Policy | null) => {
    // At once, so that the form does not go back for a moment to what held before.
    queries.setQueryData(["policy", namespace], policy);
    setBegun(undefined);
    old("policy", "namespaces", "artifacts", "artifact", "overview");
  };
  if (!may) return <PolicyShown namespace={namespace} policy={found.data} />;
  if (found.data === null && begun === undefined) return <Beginnings choose={setBegun} />;
  return (
    <PolicyEditor
      // Another policy begins the form anew; one that somebody else saved does not take away what is typed.
      key={namespace}
      namespace={namespace}
      held={found.data}
      begun={begun}
      saved={saved}
      discarded={() => setBegun(undefined)}
    />
  );
}

/** For those who may not change it. */
function PolicyShown({ namespace, policy }: { namespace: string; policy: Policy | null }) {
  const say = useWords(policyWords);
  const [isTried, setTried] = useState(false);
  if (policy === null) {
    return (
      <div className="card">
        <h2>{say("none")}</h2>
        <p className="dim">{say("noneView")}</p>
      </div>
    );
  }
  return (
    <div className={css.columns}>
      <div className="card">
        <h2 className={css.title}>{say("ruleSet")}</h2>
        <PolicyInWords policy={policy} />
      </div>
      {isTried ? (
        <PreviewPanel namespace={namespace} policy={policy} whose={say("savedPolicy")} />
      ) : (
        <div className="card">
          <Button variant="default" onClick={() => setTried(true)}>
            {say("preview")}
          </Button>
        </div>
      )}
    </div>
  );
}
