// What can be done with many artifacts at once: scan, stop, delete.
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAct } from "~/api/act";
import { answer, api } from "~/api/client";
import type { ArtifactListed } from "~/api/types";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { Can } from "~/parts/Can";
import { Confirm } from "~/parts/Confirm";
import { useFailureText } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { each, type Failed, reasonsOf } from "./many";
import { useIsElsewhere } from "./place";

interface SelectionActionsProps {
  /** None where they are of several. */
  namespace?: string;
  artifacts: ArtifactListed[];
  /** What stays selected: those that failed. */
  keep: (artifacts: ArtifactListed[]) => void;
}

const SCAN = "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scan";
const ARTIFACT = "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}";

export function SelectionActions({ namespace, artifacts, keep }: SelectionActionsProps) {
  const say = useWords(namespaces);
  const toasts = useToasts();
  const queries = useQueryClient();
  const isElsewhere = useIsElsewhere(namespace);
  const [isDeleting, setDeleting] = useState(false);
  const params = ({ namespace, repository, digest }: ArtifactListed) => ({
    params: { path: { namespace, repository, reference: digest } },
  });
  const [act, isBusy] = useAct();
  /** Tells what was done, and keeps what was not for another try. */
  const all = async <T,>(
    deed: (artifact: ArtifactListed) => Promise<T>,
    words: (answers: T[]) => string,
  ): Promise<string | undefined> => {
    const { answers, failed } = await each(artifacts, deed);
    void queries.invalidateQueries({ queryKey: ["artifacts"] });
    keep(failed.map((it) => it.artifact));
    if (failed.length === 0) return words(answers);
    toasts.bad(<Failures failed={failed} of={artifacts.length} />);
    return answers.length === 0 ? undefined : words(answers);
  };
  const scan = () =>
    all(
      (it) => answer(api.POST(SCAN, params(it))),
      (answers) => say("scanAsked", { count: sum(answers.map((it) => it.scans)) }),
    );
  const stop = () =>
    all(
      (it) => answer(api.DELETE(SCAN, params(it))),
      (answers) => say("scansStopped", { count: sum(answers.map((it) => it.stopped)) }),
    );
  const remove = async () => {
    const words = await all(
      (it) => answer(api.DELETE(ARTIFACT, params(it))),
      (answers) => say("deleted", { count: answers.length }),
    );
    if (words !== undefined) toasts.done(words);
  };
  return (
    <>
      <Can permission="scan" namespace={namespace}>
        <Button size="compact-sm" loading={isBusy} onClick={() => act(scan)}>
          {say("scanAll")}
        </Button>
        <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => act(stop)}>
          {say("stopAll")}
        </Button>
      </Can>
      {!isElsewhere && (
        <Can permission="push" namespace={namespace}>
          <Button size="compact-sm" variant="light" color="red" onClick={() => setDeleting(true)}>
            {say("delete")}
          </Button>
        </Can>
      )}
      <Confirm
        isOpen={isDeleting}
        close={() => setDeleting(false)}
        title={say("deleteTitle")}
        action={say("delete")}
        onConfirm={remove}
      >
        {say("deleteText", { count: artifacts.length })}
      </Confirm>
    </>
  );
}

/** How many failed, and why: each reason once. */
function Failures({ failed, of }: { failed: Failed<ArtifactListed>[]; of: number }) {
  const say = useWords(namespaces);
  const text = useFailureText();
  const reasons = reasonsOf(failed, text);
  return (
    <>
      <strong>{say("someFailed", { count: failed.length, of })}</strong>
      {reasons.map(([reason, count]) => (
        <div key={reason}>{reasons.length === 1 ? reason : say("failedWhy", { count, reason })}</div>
      ))}
    </>
  );
}

const sum = (numbers: number[]) => numbers.reduce((sum, it) => sum + it, 0);
