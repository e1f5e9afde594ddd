// What stands behind `/repositories/`: a repository, or an artifact of it.
import { lazy } from "react";
import { useParams } from "react-router";
import { repositoryOf } from "~/addresses";

const ArtifactPage = lazy(() => import("../artifacts/ArtifactPage"));
const RepositoryPage = lazy(() => import("./RepositoryPage"));

export default function RepositoryRoute() {
  const { namespace = "", "*": rest = "" } = useParams();
  const { repository, reference } = repositoryOf(rest);
  if (reference === undefined) return <RepositoryPage namespace={namespace} repository={repository} />;
  return <ArtifactPage namespace={namespace} repository={repository} reference={reference} />;
}
