// Changes a policy: the form on one side, what it would have done on the other, and below what is not
// saved yet.
import { Button } from "@mantine/core";
import { useState } from "react";
import { useAct } from "~/api/act";
import { answer, api } from "~/api/client";
import { useWords } from "~/i18n";
import { policyWords } from "~/i18n/words/policy";
import { Confirm } from "~/parts/Confirm";
import { CopyField } from "~/parts/Copy";
import { PolicyForm } from "./PolicyForm";
import { PolicyInWords } from "./PolicyInWords";
import { PreviewPanel, usePreview } from "./PreviewPanel";
import { isSame, type Policy, stageOf, tidied, USUAL } from "./policy";
import css from "./policy.module.css";

interface PolicyEditorProps {
  namespace: string;
  /** The one that holds; none where the namespace has none of its own. */
  held: Policy | null;
  /** Where a first one begins. */
  begun?: Policy;
  /** What holds now; none where it was taken away. */
  saved: (policy: Policy | null) => void;
  discarded: () => void;
}

const DAYS = 30;
const POLICY = "/namespaces/{namespace}/policy";

export function PolicyEditor({ namespace, held, begun, saved, discarded }: PolicyEditorProps) {
  const say = useWords(policyWords);
  const [policy, setPolicy] = useState<Policy>(held ?? begun ?? USUAL);
  const [isAsking, setAsking] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const [act, isBusy] = useAct();
  const preview = usePreview(namespace, policy, DAYS);
  const isChanged = held === null || !isSame(policy, held);
  const params = { path: { namespace } };
  const save = async () => {
    const wanted = tidied(policy);
    await answer(api.PUT(POLICY, { params, body: { policy: wanted as never } }));
    saved(wanted);
    return say("saved");
  };
  const denied = preview.data?.denied;
  // Only what will be felt is asked about: refusing where nothing was refused before.
  const isFelt = stageOf(policy) === "block" && (denied?.pulls ?? 0) > 0;
  return (
    <>
      <div className={css.columns}>
        <PolicyForm policy={policy} change={(next) => setPolicy({ ...policy, ...next })} />
        <div className={css.aside}>
          <PreviewPanel
            namespace={namespace}
            policy={policy}
            whose={say(isChanged ? "yourChanges" : "savedPolicy")}
          />
          <section className="card">
            <h2 className={css.title}>{say("inWords")}</h2>
            <PolicyInWords policy={tidied(policy)} />
            <details className={css.text}>
              <summary>{say("asText")}</summary>
              <CopyField text={JSON.stringify(tidied(policy), null, 1)} />
            </details>
          </section>
          {held !== null && (
            <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>
              {say("removePolicy")}
            </Button>
          )}
        </div>
      </div>
      {isChanged && (
        <div className={css.bar} role="region" aria-label={say("changed")}>
          <strong>{say("changed")}</strong>
          <Button
            variant="default"
            onClick={() => {
              setPolicy(held ?? USUAL);
              discarded();
            }}
          >
            {say("discard")}
          </Button>
          <Button loading={isBusy} onClick={() => (isFelt ? setAsking(true) : act(save))}>
            {say("save")}
          </Button>
        </div>
      )}
      <Confirm
        isOpen={isAsking}
        close={() => setAsking(false)}
        title={say("confirmTitle")}
        action={say("save")}
        onConfirm={() => save()}
      >
        {say("confirmText", {
          days: DAYS,
          denied: denied?.pulls ?? 0,
          total: preview.data?.total.pulls ?? 0,
          images: denied?.artifacts ?? 0,
        })}
      </Confirm>
      <Confirm
        isOpen={isRemoving}
        close={() => setRemoving(false)}
        title={say("removePolicy")}
        action={say("removePolicy")}
        onConfirm={async () => {
          await answer(api.DELETE(POLICY, { params }));
          saved(null);
        }}
      >
        {say("removeText")}
      </Confirm>
    </>
  );
}
