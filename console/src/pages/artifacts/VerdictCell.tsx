// The verdict of an artifact in a list. Its reasons are asked for when somebody points at it.
import type { ReactNode } from "react";
import type { ArtifactListed } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { Cut, FailureText } from "~/parts/States";
import { VerdictBadge } from "~/parts/VerdictBadge";
import { kindOf } from "./kind";
import { type Judged, useExcepted, usePullCheck } from "./pullCheck";
import { ReasonText } from "./ReasonText";

export function VerdictCell({ artifact }: { artifact: ArtifactListed }) {
  const say = useWords(namespaces);
  if (kindOf(artifact) === "index" && !artifact.verdict) {
    return <span className="dim">{say("verdictByImage")}</span>;
  }
  return <ListedVerdict artifact={artifact} card={<Reasons artifact={artifact} />} />;
}

/** The verdict of one of many: says as well that an exception alone lets it pass. */
export function ListedVerdict({ artifact, card }: { artifact: Judged; card?: ReactNode }) {
  const isExcepted = useExcepted(artifact);
  return <VerdictBadge verdict={artifact.verdict} card={card} isExcepted={isExcepted} />;
}

/** So many fit on a card. */
const REASONS_SHOWN = 5;

function Reasons({ artifact }: { artifact: ArtifactListed }) {
  const say = useWords(words);
  const format = useFormat();
  const check = usePullCheck(artifact);
  if (check.isPending) return <div className="dim">{say("reading")}</div>;
  if (check.error) return <FailureText error={check.error} />;
  const { reasons, exceptions } = check.data;
  return (
    <>
      {reasons.slice(0, REASONS_SHOWN).map((it) => (
        <div key={`${it.rule} ${it.what}`}>
          <ReasonText reason={it} scan={artifact.scan} isShort />
        </div>
      ))}
      <Cut isCut={reasons.length > REASONS_SHOWN} count={REASONS_SHOWN} />
      {exceptions.length > 0 && (
        <div>{say("exceptedAre", { ids: format.list(exceptions.map((it) => it.vulnerability)) })}</div>
      )}
    </>
  );
}
