// Signing in: by password, or at an issuer that the instance trusts. The address asked for stays, so that
// a link to an image leads there afterwards.
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import { useSession } from "~/api/session";
import type { SignInProvider } from "~/api/types";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { usePageTitle } from "~/parts/PageHeader";
import { useFailureText } from "~/parts/States";
import { Logo } from "~/shell/Logo";
import { LanguageMenu, SchemeMenu } from "~/shell/TopBar";
import { pageOf, refusalOf, wordOf } from "./refused";
import css from "./sign-in.module.css";

export default function SignInPage() {
  const say = useWords(shell);
  usePageTitle(say("signIn"));
  const { password, providers } = useWays();
  const refusal = useRefusal();
  return (
    <main className={css.page}>
      <div className={css.menus}>
        <LanguageMenu />
        <SchemeMenu />
      </div>
      <div className={css.card}>
        <div className={css.head}>
          <Logo size={30} />
          <h1>{say("signInTo")}</h1>
        </div>
        <div className="stack">
          {refusal !== undefined && (
            <div role="alert" className={css.error}>
              <Refused code={refusal} />
            </div>
          )}
          {providers.map((it) => (
            <Button
              key={it.name}
              component="a"
              href={beginning(it, location.pathname + location.search)}
              variant="default"
              fullWidth
            >
              {say("signInWith", { provider: it.title })}
            </Button>
          ))}
          {password && providers.length > 0 && <div className={css.or}>{say("or")}</div>}
          {password && <PasswordForm />}
        </div>
      </div>
      <details className={css.hint}>
        <summary>{say("firstStart")}</summary>
        {say("firstStartText")}
        <code>journalctl -u plimsoll | grep password</code>
      </details>
    </main>
  );
}

/** Why somebody was sent back. It is taken out of the address, which otherwise would go on saying it. */
function useRefusal(): string | undefined {
  const location = useLocation();
  const navigate = useNavigate();
  const [refusal] = useState(() => refusalOf(location.search));
  const here = `${location.pathname}${location.search}`;
  useEffect(() => {
    const page = pageOf(location);
    if (page !== here) void navigate(page, { replace: true });
  }, [location, here, navigate]);
  return refusal;
}

function Refused({ code }: { code: string }) {
  const say = useWords(shell);
  const word = wordOf(code);
  return word === undefined ? say("refusedCode", { code }) : say(word);
}

function PasswordForm() {
  const say = useWords(shell);
  const failureText = useFailureText();
  const { signIn } = useSession();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await signIn(name, password);
    } catch (error) {
      setBusy(false);
      setPassword("");
      const status = error instanceof ApiError ? error.status : 0;
      setError(
        status === 401 ? say("wrong") : status === 429 ? say("waitAWhile") : failureText(error as Error),
      );
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <TextInput
        label={say("name")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={say("password")}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div role="alert">{error && <div className={css.error}>{error}</div>}</div>
      <Button type="submit" loading={isBusy} fullWidth>
        {say("signIn")}
      </Button>
    </form>
  );
}

/** By which ways one signs in here; by password alone, where the instance does not say. */
function useWays(): { password: boolean; providers: SignInProvider[] } {
  const query = useQuery({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => answer(api.GET("/sign-in", { signal })),
    retry: false,
    staleTime: 60_000,
  });
  return query.data ?? { password: true, providers: [] };
}

/** Where signing in elsewhere begins; it comes back to the page that was asked for. */
export function beginning({ address }: { address: string }, page: string): string {
  const path = address.startsWith("/") ? address : new URL(address, location.origin).pathname;
  return `${path.replace(/^\/{2,}/, "/")}?${new URLSearchParams({ to: page })}`;
}
