// One's own account: what it may, its password, its tokens.
import { Button, PasswordInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useOld } from "~/api/act";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useAccount, useSession } from "~/api/session";
import { useFormat, useWords } from "~/i18n";
import { accountWords } from "~/i18n/words/account";
import { forms } from "~/i18n/words/forms";
import { peopleWords } from "~/i18n/words/people";
import { PageHeader } from "~/parts/PageHeader";
import { Empty, Failure, Loading, useFailureText } from "~/parts/States";
import { useToasts } from "~/parts/toasts";
import css from "../administration/administration.module.css";
import { PERMISSIONS } from "../administration/grants";
import { TokenList } from "../administration/TokenParts";

export default function AccountPage() {
  const say = useWords(accountWords);
  const word = useWords(forms);
  const format = useFormat();
  const account = useAccount();
  const may = PERMISSIONS.filter((it) => account.permissions.includes(it));
  return (
    <>
      <PageHeader title={say("account")} />
      <div className={css.settings}>
        <section className="card">
          <dl className={css.facts}>
            <dt>{word("name")}</dt>
            <dd>
              <strong>{account.name}</strong>
            </dd>
            <dt>{say("since")}</dt>
            <dd>{format.date(new Date(account.created_at))}</dd>
            <dt>{say("everywhere")}</dt>
            <dd>
              {may.length === 0 ? say("nothingEverywhere") : format.list(may.map((it) => word(`p.${it}`)))}
            </dd>
          </dl>
        </section>
        <Tokens />
        <Password />
      </div>
    </>
  );
}

function Tokens() {
  const say = useWords(peopleWords);
  const account = useAccount();
  const old = useOld();
  const tokens = useQuery({
    queryKey: ["tokens", "own"],
    queryFn: ({ signal }) => answer(api.GET("/tokens", { signal })),
  });
  const namespaces = useQuery({
    queryKey: ["namespaces", "names"],
    queryFn: ({ signal }) => answer(api.GET("/namespaces", { params: { query: { limit: 500 } }, signal })),
  });
  return (
    <section className="card">
      {tokens.error ? (
        <Failure error={tokens.error} again={() => void tokens.refetch()} />
      ) : tokens.isPending ? (
        <Loading rows={3} />
      ) : (
        <TokenList
          tokens={tokens.data.items}
          signInName={account.name}
          namespaces={namespaces.data?.items.map((it) => it.name) ?? []}
          empty={
            <Empty title={say("noTokens")} icon={KeyRound}>
              <p>{say("noTokensText")}</p>
            </Empty>
          }
          calls={{
            make: (body) => answer(api.POST("/tokens", { body })),
            end: (token) => answer(api.DELETE("/tokens/{token}", { params: { path: { token } } })),
            changed: () => old("tokens"),
          }}
        />
      )}
    </section>
  );
}

const LENGTH_MIN = 10;

function Password() {
  const say = useWords(accountWords);
  const account = useAccount();
  const toasts = useToasts();
  const failureText = useFailureText();
  const { signIn } = useSession();
  const [before, setBefore] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const pointer = error instanceof ApiError ? error.pointer : undefined;
  const isOther = again !== "" && again !== next;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await answer(api.PUT("/account/password", { body: { old: before, new: next } }));
      // It ended every session, this one too.
      await signIn(account.name, next);
      setBefore("");
      setNext("");
      setAgain("");
      toasts.done(say("changed"));
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card">
      <h2 className={css.heading} style={{ marginBottom: 10 }}>
        {say("password")}
      </h2>
      <form className="stack" style={{ maxWidth: 380 }} onSubmit={(event) => void submit(event)}>
        <input type="text" name="username" autoComplete="username" value={account.name} readOnly hidden />
        <PasswordInput
          label={say("old")}
          autoComplete="current-password"
          value={before}
          error={pointer === "/old" && error ? failureText(error) : undefined}
          onChange={(event) => setBefore(event.currentTarget.value)}
        />
        <PasswordInput
          label={say("new")}
          description={say("newHelp")}
          autoComplete="new-password"
          value={next}
          error={pointer === "/new" && error ? failureText(error) : undefined}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <PasswordInput
          label={say("again")}
          autoComplete="new-password"
          value={again}
          error={isOther ? say("isOther") : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <p className="dim" style={{ margin: 0 }}>
          {say("changeText")}
        </p>
        {error && pointer !== "/old" && pointer !== "/new" && (
          <div role="alert" style={{ color: "var(--bad-text)" }}>
            {failureText(error)}
          </div>
        )}
        <div>
          <Button
            type="submit"
            loading={isBusy}
            disabled={before === "" || next.length < LENGTH_MIN || next !== again}
          >
            {say("change")}
          </Button>
        </div>
      </form>
    </section>
  );
}
