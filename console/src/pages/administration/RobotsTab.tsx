// Robots of a namespace and their tokens. Making one gives it what it needs and its first token at once.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Bot, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { Namespace, Permission, Robot } from "~/api/types";
import { useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { Confirm } from "~/parts/Confirm";
import { CopyButton } from "~/parts/Copy";
import { type Column, DataTable } from "~/parts/DataTable";
import { Ends } from "~/parts/Ends";
import { type Ending, endText } from "~/parts/ending";
import { FormModal } from "~/parts/FormModal";
import { deedsColumn } from "~/parts/RowMenu";
import { Empty, Failure, Loading } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import { AccountName, Cards, NameField } from "./AccountParts";
import { useSeenColumns } from "./seen";
import { TokenList, TokenOnce } from "./TokenParts";

const TOKENS = "/namespaces/{namespace}/robots/{robot}/tokens";

export default function RobotsTab({ namespace: { name: namespace } }: { namespace: Namespace }) {
  const say = useWords(peopleWords);
  const toasts = useToasts();
  const old = useOld();
  const list = usePages(["robots", namespace], (cursor, signal) =>
    answer(
      api.GET("/namespaces/{namespace}/robots", {
        params: { path: { namespace }, query: { cursor, limit: 200 } },
        signal,
      }),
    ),
  );
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string }>();
  const [deleted, setDeleted] = useState<Robot>();
  return (
    <>
      <DataTable
        id="robots"
        label={say("robots")}
        columns={useRobotColumns(setDeleted)}
        rows={list.items}
        rowKey={(row) => row.name}
        rowLabel={(row) => row.name}
        {...list}
        details={(row) => <RobotTokens namespace={namespace} robot={row.name} />}
        toolbar={
          <>
            <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setMaking(true)}>
              {say("newRobot")}
            </Button>
            <span className="dim">{say("robotsLead")}</span>
          </>
        }
        empty={
          <Empty title={say("noRobots")} icon={Bot}>
            <p>{say("noRobotsText")}</p>
          </Empty>
        }
      />
      {isMaking && <NewRobot namespace={namespace} made={setMade} close={() => setMaking(false)} />}
      <TokenOnce
        title={say("robotToken", { name: made?.name ?? "" })}
        secret={made?.token}
        signInName={`robot/${made?.name ?? ""}`}
        close={() => setMade(undefined)}
      />
      <Confirm
        isOpen={deleted !== undefined}
        close={() => setDeleted(undefined)}
        title={say("deleteRobot")}
        action={say("deleteRobot")}
        typed={deleted?.name}
        onConfirm={async () => {
          const robot = deleted?.name ?? "";
          await answer(
            api.DELETE("/namespaces/{namespace}/robots/{robot}", { params: { path: { namespace, robot } } }),
          );
          old("robots", "grants");
          toasts.done(say("robotDeleted", { name: robot }));
        }}
      >
        {say("deleteRobotText")}
      </Confirm>
    </>
  );
}

function useRobotColumns(remove: (robot: Robot) => void): Column<Robot>[] {
  const say = useWords(peopleWords);
  const seen = useSeenColumns<Robot>();
  return [
    {
      key: "name",
      title: say("robotName"),
      width: "minmax(140px, 2fr)",
      cell: (row) => <AccountName icon={Bot} name={row.name} isDisabled={row.disabled} />,
    },
    {
      key: "login",
      title: say("signInAs"),
      width: "minmax(150px, 2fr)",
      cell: (row) => (
        <span className="row" style={{ gap: 2, flexWrap: "nowrap" }}>
          <code>robot/{row.name}</code>
          <CopyButton text={`robot/${row.name}`} />
        </span>
      ),
    },
    ...seen,
    deedsColumn(
      (row) => row.name,
      (row) => [{ label: say("deleteRobot"), icon: Trash2, isBad: true, act: () => remove(row) }],
    ),
  ];
}

function RobotTokens({ namespace, robot }: { namespace: string; robot: string }) {
  const old = useOld();
  const path = { namespace, robot };
  const tokens = useQuery({
    queryKey: ["tokens", "robot", namespace, robot],
    queryFn: ({ signal }) => answer(api.GET(TOKENS, { params: { path }, signal })),
  });
  if (tokens.error) return <Failure error={tokens.error} again={() => void tokens.refetch()} />;
  if (tokens.isPending) return <Loading rows={2} />;
  return (
    <TokenList
      tokens={tokens.data.items}
      signInName={`robot/${robot}`}
      calls={{
        make: (body) => answer(api.POST(TOKENS, { params: { path }, body })),
        end: (token) => answer(api.DELETE(`${TOKENS}/{token}`, { params: { path: { ...path, token } } })),
        changed: () => old("tokens"),
      }}
    />
  );
}

/** What robots are for: the role that they get, and what their first token leaves of it. */
const USES = {
  pull: { role: "viewer", permissions: ["read", "pull"] },
  push: { role: "developer", permissions: ["read", "pull", "push", "scan"] },
  read: { role: "read", permissions: ["read"] },
} as const satisfies Record<string, { role: string; permissions: Permission[] }>;

type Use = keyof typeof USES;

function NewRobot(props: {
  namespace: string;
  made: (made: { name: string; token: string }) => void;
  close: () => void;
}) {
  const say = useWords(peopleWords);
  const word = useWords(forms);
  const old = useOld();
  const { namespace } = props;
  const [name, setName] = useState("");
  const [use, setUse] = useState<Use>("pull");
  const [ending, setEnding] = useState<Ending>({ kind: "days", days: 365 });
  const submit = async () => {
    const { role, permissions } = USES[use];
    await answer(
      api.POST("/namespaces/{namespace}/robots", { params: { path: { namespace } }, body: { name } }),
    );
    old("robots");
    await answer(
      api.PUT("/namespaces/{namespace}/grants/{kind}/{name}/{granted}", {
        params: { path: { namespace, kind: "robot", name, granted: role } },
      }),
    );
    old("grants");
    const { token } = await answer(
      api.POST(TOKENS, {
        params: { path: { namespace, robot: name } },
        body: {
          name: say(`for.${use}`),
          permissions: [...permissions],
          expires_at: endText(ending, new Date()),
        },
      }),
    );
    props.made({ name, token });
  };
  return (
    <FormModal
      title={say("newRobot")}
      close={props.close}
      action={word("create")}
      onSubmit={submit}
      canSubmit={name !== ""}
      fields={["/name"]}
    >
      {(fault) => (
        <>
          <NameField
            label={say("robotName")}
            help={say("robotNameHelp")}
            value={name}
            onChange={setName}
            error={fault("/name")}
          />
          <Cards
            legend={say("robotFor")}
            choices={(Object.keys(USES) as Use[]).map((value) => ({
              value,
              label: say(`for.${value}`),
              text: say(`forText.${value}`),
            }))}
            chosen={[use]}
            onChange={setUse}
          />
          <Ends label={say("robotTokenEnds")} value={ending} onChange={setEnding} />
        </>
      )}
    </FormModal>
  );
}
