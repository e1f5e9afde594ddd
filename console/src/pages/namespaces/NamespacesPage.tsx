// All namespaces that whoever looks may read.
import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { Namespace } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { Can } from "~/parts/Can";
import type { Column } from "~/parts/DataTable";
import { PageHeader } from "~/parts/PageHeader";
import { Empty } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import { CreateNamespace } from "./CreateNamespace";
import { NamedList } from "./NamedList";

export default function NamespacesPage() {
  const say = useWords(namespaces);
  const [isCreating, setCreating] = useState(false);
  const create = (
    <Can permission="administer">
      <Button leftSection={<Plus size={16} />} onClick={() => setCreating(true)}>
        {say("create")}
      </Button>
    </Can>
  );
  return (
    <>
      <PageHeader title={say("title")} lead={say("lead")} actions={create} />
      <NamedList
        id="namespaces"
        label={say("title")}
        scope={["namespaces"]}
        columns={useNamespaceColumns()}
        read={(query, signal) => answer(api.GET("/namespaces", { params: { query }, signal }))}
        to={(row) => to.namespace(row.name)}
        none={
          <Empty title={say("emptyTitle")}>
            <p>{say("emptyText")}</p>
            {create}
          </Empty>
        }
      />
      <CreateNamespace isOpen={isCreating} close={() => setCreating(false)} />
    </>
  );
}

function useNamespaceColumns(): Column<Namespace>[] {
  const say = useWords(namespaces);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "name",
        title: say("name"),
        width: "minmax(160px, 3fr)",
        cell: (row) => <Link to={to.namespace(row.name)}>{row.name}</Link>,
      },
      {
        key: "visibility",
        title: say("visibility"),
        width: "110px",
        cell: (row) => say(row.public ? "isPublic" : "isPrivate"),
      },
      {
        key: "auto_scan",
        title: say("autoScan"),
        width: "150px",
        cell: (row) => say(row.auto_scan ? "autoScanOn" : "autoScanOff"),
      },
      {
        key: "policy",
        title: say("policy"),
        width: "110px",
        cell: (row) => say(row.has_policy ? "ownPolicy" : "noPolicy"),
      },
      {
        key: "storage",
        title: say("storage"),
        width: "150px",
        align: "end",
        cell: (row) =>
          row.quota_bytes
            ? say("storageOf", { used: format.bytes(row.used_bytes), quota: format.bytes(row.quota_bytes) })
            : format.bytes(row.used_bytes),
      },
      {
        key: "created",
        title: say("createdAt"),
        width: "140px",
        align: "end",
        cell: (row) => <TimeAgo time={row.created_at} />,
      },
    ],
    [say, format],
  );
}
