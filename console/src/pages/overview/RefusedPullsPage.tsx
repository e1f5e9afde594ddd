// Pulls that policies refused, in all namespaces that whoever looks may read.
import { useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { PageHeader } from "~/parts/PageHeader";
import { RefusedPulls } from "../policy/RefusedPulls";

export default function RefusedPullsPage() {
  const say = useWords(overview);
  return (
    <>
      <PageHeader title={say("refusedTitle")} lead={say("refusedLead")} />
      <RefusedPulls />
    </>
  );
}
