// Scans of all namespaces that whoever looks may read.
import { useWords } from "~/i18n";
import { scanWords } from "~/i18n/words/scans";
import { PageHeader } from "~/parts/PageHeader";
import { Scans } from "./Scans";

export default function ScansPage() {
  const say = useWords(scanWords);
  return (
    <>
      <PageHeader title={say("scans")} lead={say("lead")} />
      <Scans />
    </>
  );
}
