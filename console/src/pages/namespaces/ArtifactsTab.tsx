// The artifacts of all repositories of a namespace.
import { answer, api } from "~/api/client";
import { ArtifactList } from "../artifacts/ArtifactList";
import type { NamespaceTabProps } from "./tabs";

export default function ArtifactsTab({ namespace: { name: namespace } }: NamespaceTabProps) {
  return (
    <ArtifactList
      id="namespace-artifacts"
      scope={[namespace]}
      namespace={namespace}
      hasRepository
      read={(query, signal) =>
        answer(
          api.GET("/namespaces/{namespace}/artifacts", {
            params: { path: { namespace }, query },
            signal,
          }),
        )
      }
    />
  );
}
