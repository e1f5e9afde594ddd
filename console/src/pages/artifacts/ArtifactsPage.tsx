// The artifacts of all namespaces that whoever looks may read: where the numbers of the overview lead.
import { answer, api } from "~/api/client";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { PageHeader } from "~/parts/PageHeader";
import { ArtifactList } from "./ArtifactList";

export default function ArtifactsPage() {
  const say = useWords(namespaces);
  return (
    <>
      <PageHeader title={say("allArtifacts")} lead={say("allArtifactsLead")} />
      <ArtifactList
        id="all-artifacts"
        scope={[]}
        hasRepository
        read={(query, signal) => answer(api.GET("/artifacts", { params: { query }, signal }))}
      />
    </>
  );
}
