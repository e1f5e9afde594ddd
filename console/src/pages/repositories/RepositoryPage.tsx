// One repository: its artifacts, with where their scans stand.
import { Button, Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { EllipsisVertical, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { Can } from "~/parts/Can";
import { Confirm } from "~/parts/Confirm";
import { PageHeader } from "~/parts/PageHeader";
import { Empty } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { TimeAgo } from "~/parts/Values";
import { PageFailure } from "~/shell/NotFound";
import { ArtifactList } from "../artifacts/ArtifactList";
import { PushButton } from "../namespaces/PushButton";
import { PushHelp } from "../namespaces/PushHelp";
import { useNamespace } from "../namespaces/useNamespace";

interface RepositoryPageProps {
  namespace: string;
  repository: string;
}

export default function RepositoryPage({ namespace, repository }: RepositoryPageProps) {
  const say = useWords(namespaces);
  const mayPush = useMay("push", namespace);
  const host = useNamespace(namespace).data?.source_host;
  const path = { namespace, repository };
  const found = useQuery({
    queryKey: ["repositories", "one", namespace, repository],
    queryFn: ({ signal }) =>
      answer(api.GET("/namespaces/{namespace}/repositories/{repository}", { params: { path }, signal })),
  });
  if (found.error) {
    const near = { label: namespace, to: to.namespace(namespace) };
    return <PageFailure error={found.error} again={() => void found.refetch()} near={near} />;
  }
  return (
    <>
      <PageHeader
        title={repository}
        crumbs={[
          { label: say("title"), to: "/namespaces" },
          { label: namespace, to: to.namespace(namespace) },
        ]}
        lead={
          found.data && (
            <span className="row">
              <span>{say("artifactCount", { count: found.data.artifacts })}</span>
              <span aria-hidden="true">·</span>
              <span>{say("tagCount", { count: found.data.tags })}</span>
              <span aria-hidden="true">·</span>
              <span>
                {say.rich(host ? "firstSeenAgo" : "lastPush", {
                  time: <TimeAgo time={found.data.pushed_at} />,
                })}
              </span>
            </span>
          )
        }
        actions={
          // What lies elsewhere is pushed and deleted there.
          !host && (
            <>
              <PushButton namespace={namespace} repository={repository} />
              <Can permission="push" namespace={namespace}>
                <More namespace={namespace} repository={repository} artifacts={found.data?.artifacts} />
              </Can>
            </>
          )
        }
      />
      <ArtifactList
        id="artifacts"
        scope={[namespace, repository]}
        namespace={namespace}
        read={(query, signal) =>
          answer(
            api.GET("/namespaces/{namespace}/repositories/{repository}/artifacts", {
              params: { path, query },
              signal,
            }),
          )
        }
        none={
          <Empty title={say("noArtifacts")}>
            {mayPush && !host && <PushHelp namespace={namespace} repository={repository} />}
          </Empty>
        }
      />
    </>
  );
}

/** What is seldom wanted, and cannot be undone. */
function More({ namespace, repository, artifacts }: RepositoryPageProps & { artifacts?: number }) {
  const say = useWords(namespaces);
  const toasts = useToasts();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const remove = async () => {
    await answer(
      api.DELETE("/namespaces/{namespace}/repositories/{repository}", {
        params: { path: { namespace, repository } },
      }),
    );
    toasts.done(say("repositoryDeleted", { name: repository }));
    void queries.invalidateQueries({ queryKey: ["repositories"] });
    void navigate(to.namespace(namespace));
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={8} aria-label={say("more")}>
            <EllipsisVertical size={16} aria-hidden="true" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={() => setDeleting(true)}>
            {say("deleteRepository")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        isOpen={isDeleting}
        close={() => setDeleting(false)}
        title={say("deleteRepository")}
        action={say("delete")}
        typed={repository}
        onConfirm={remove}
      >
        {say("deleteRepositoryText", { count: artifacts ?? 0 })}
      </Confirm>
    </>
  );
}
