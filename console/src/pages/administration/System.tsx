// How the instance fares: its parts, its jobs, its database, and by which ways people sign in.
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import { Link } from "react-router";
import { answer, api } from "~/api/client";
import { useFormat, useWords } from "~/i18n";
import { systemWords } from "~/i18n/words/system";
import { plain } from "~/parts/Advisory";
import { Failure, Loading } from "~/parts/States";
import { TimeAgo } from "~/parts/Values";
import { useDatabase } from "../database/DatabasePage";
import css from "./administration.module.css";
import { providersOf, queueOf, readinessOf } from "./system";

export default function System() {
  const say = useWords(systemWords);
  const format = useFormat();
  const instance = useQuery({
    queryKey: ["instance"],
    queryFn: ({ signal }) => answer(api.GET("/instance", { signal })),
  });
  if (instance.error) return <Failure error={instance.error} again={() => void instance.refetch()} />;
  if (instance.isPending) return <Loading />;
  const { version, time, parts, report_formats } = instance.data;
  return (
    <div className={css.masonry}>
      <Health />
      <section className="card">
        <h2 style={{ marginBottom: 12 }}>{say("program")}</h2>
        <dl className={css.facts}>
          <dt>{say("version")}</dt>
          <dd>{version}</dd>
          <dt>{say("time")}</dt>
          <dd>{format.dateTime(new Date(time))}</dd>
          <dt>{say("parts")}</dt>
          <dd>{format.list(parts)}</dd>
          <dt>{say("formats")}</dt>
          <dd>{format.list(report_formats)}</dd>
          <dt>{say("interface")}</dt>
          <dd>
            <a href="/api/v1/docs">{say("documents")}</a>
          </dd>
        </dl>
      </section>
      <Queue />
      <Database />
      <SignIn />
    </div>
  );
}

/** What the server says of itself to whoever watches it. */
function Health() {
  const say = useWords(systemWords);
  const found = useQuery({
    queryKey: ["readiness"],
    queryFn: async ({ signal }) => {
      const response = await fetch("/readyz", { signal });
      return readinessOf(await response.json());
    },
    refetchInterval: 30_000,
    retry: false,
  });
  const rows = found.error ? [{ name: "server", state: "down", isGood: false }] : (found.data ?? []);
  return (
    <section className="card">
      <h2 style={{ marginBottom: 12 }}>{say("health")}</h2>
      {found.isPending ? (
        <Loading rows={2} />
      ) : (
        <dl className={css.facts}>
          {rows.map((it) => {
            const Icon = it.isGood ? CircleCheck : CircleAlert;
            return (
              <div key={it.name} style={{ display: "contents" }}>
                <dt>{partWord(it.name, say)}</dt>
                <dd style={{ color: it.isGood ? "var(--good-text)" : "var(--bad-text)" }}>
                  <Icon size={14} aria-hidden="true" style={{ verticalAlign: -2, marginInlineEnd: 5 }} />
                  {it.state === "ok" ? say("good") : plain(it.state)}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </section>
  );
}

function partWord(name: string, say: (key: "store" | "blobs" | "vulnerability_database") => string): string {
  switch (name) {
    case "store":
    case "blobs":
    case "vulnerability_database":
      return say(name);
    default:
      return name;
  }
}

function Queue() {
  const say = useWords(systemWords);
  const format = useFormat();
  const found = useQuery({
    queryKey: ["scans", "jobs"],
    queryFn: ({ signal }) => answer(api.GET("/instance/queue", { signal })),
    refetchInterval: 15_000,
  });
  const rows = queueOf(found.data ?? []);
  return (
    <section className="card">
      <h2 style={{ marginBottom: 12 }}>{say("jobs")}</h2>
      {found.error ? (
        <Failure error={found.error} again={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <p className="dim">{say("noJobs")}</p>
      ) : (
        <dl className={css.facts}>
          {rows.map((row) => (
            <div key={row.kind} style={{ display: "contents" }}>
              <dt>{row.kind}</dt>
              <dd>
                {row.states.map((it) => `${stateWord(it.state, say)} ${format.number(it.count)}`).join(" · ")}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p style={{ marginBottom: 0 }}>
        <Link to="/scans">{say("toScans")}</Link>
      </p>
    </section>
  );
}

const JOB_STATES = ["waiting", "queued", "running", "done", "failed", "stopped"] as const;
type JobState = (typeof JOB_STATES)[number];

function stateWord(state: string, say: (key: `job.${JobState}`) => string): string {
  const known = JOB_STATES.find((it) => it === state);
  return known === undefined ? state : say(`job.${known}`);
}

function Database() {
  const say = useWords(systemWords);
  const found = useDatabase();
  return (
    <section className="card">
      <h2 style={{ marginBottom: 12 }}>{say("database")}</h2>
      {found.data?.present ? (
        <dl className={css.facts}>
          <dt>{say("built")}</dt>
          <dd>
            <TimeAgo time={found.data.built_at} />
          </dd>
          <dt>{say("feeds")}</dt>
          <dd>{found.data.feeds.length}</dd>
        </dl>
      ) : (
        <p className="dim">{found.isPending ? "" : say("noDatabase")}</p>
      )}
      <p style={{ marginBottom: 0 }}>
        <Link to="/database">{say("toDatabase")}</Link>
      </p>
    </section>
  );
}

function SignIn() {
  const say = useWords(systemWords);
  const found = useQuery({
    queryKey: ["sign-in"],
    queryFn: async ({ signal }) => {
      const response = await fetch("/api/v1/sign-in", { signal });
      return response.ok ? providersOf(await response.json()) : [];
    },
    retry: false,
  });
  const providers = found.data ?? [];
  return (
    <section className="card">
      <h2 style={{ marginBottom: 12 }}>{say("signIn")}</h2>
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        <li>{say("byPassword")}</li>
        {providers.map((it) => (
          <li key={it.name}>{say("byProvider", { provider: it.title })}</li>
        ))}
      </ul>
      {providers.length === 0 && <p className="dim">{say("noProvider")}</p>}
    </section>
  );
}
