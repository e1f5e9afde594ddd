// The repositories of a namespace.
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { useMay } from "~/api/session";
import type { Repository } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import type { Column } from "~/parts/DataTable";
import { Empty } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import { NamedList } from "./NamedList";
import { PushHelp } from "./PushHelp";
import type { NamespaceTabProps } from "./tabs";

export default function RepositoriesTab({ namespace: { name: namespace, source_host } }: NamespaceTabProps) {
  const say = useWords(namespaces);
  const mayPush = useMay("push", namespace);
  return (
    <NamedList
      id="repositories"
      label={say("repositories")}
      scope={["repositories", namespace]}
      columns={useRepositoryColumns(Boolean(source_host))}
      read={(query, signal) =>
        answer(
          api.GET("/namespaces/{namespace}/repositories", { params: { path: { namespace }, query }, signal }),
        )
      }
      to={(row) => to.repository(namespace, row.name)}
      none={
        source_host ? (
          <Empty title={say("noneListed")}>{say("noneListedText", { host: source_host })}</Empty>
        ) : (
          <Empty title={say("noRepositories")}>
            {mayPush && <PushHelp namespace={namespace} repository="app" />}
          </Empty>
        )
      }
    />
  );
}

function useRepositoryColumns(isElsewhere: boolean): Column<Repository>[] {
  const say = useWords(namespaces);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "name",
        title: say("repository"),
        width: "minmax(180px, 3fr)",
        cell: (row) => <Link to={to.repository(row.namespace, row.name)}>{row.name}</Link>,
      },
      {
        key: "artifacts",
        title: say("artifacts"),
        width: "110px",
        align: "end",
        cell: (row) => format.number(row.artifacts),
      },
      {
        key: "tags",
        title: say("tags"),
        width: "110px",
        align: "end",
        cell: (row) => format.number(row.tags),
      },
      {
        key: "pushed",
        title: say(isElsewhere ? "firstSeen" : "pushed"),
        width: "160px",
        align: "end",
        cell: (row) => <TimeAgo time={row.pushed_at} />,
      },
    ],
    [say, format, isElsewhere],
  );
}
