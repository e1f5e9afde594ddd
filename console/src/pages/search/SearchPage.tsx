// One search over namespaces, repositories, images, packages and vulnerabilities.
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { ApiError } from "~/api/error";
import type { Found, Vulnerability } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { search as area } from "~/i18n/words/search";
import { plain } from "~/parts/Advisory";
import { shortDigest } from "~/parts/Copy";
import { LevelCell } from "~/parts/LevelCell";
import { PageHeader } from "~/parts/PageHeader";
import { SeverityBadge } from "~/parts/Severity";
import { Empty, Failure, Loading } from "~/parts/States";
import { worstOf } from "../vulnerability/severity";
import css from "./search.module.css";

/** What the ids of vulnerabilities look like: letters, a hyphen, a number somewhere. */
export function mayBeVulnerability(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{1,11}[-:][\w:.-]*\d[\w:.-]*$/.test(text) && text.length <= 64;
}

export default function SearchPage() {
  const say = useWords(area);
  const [parameters] = useSearchParams();
  const text = (parameters.get("q") ?? "").trim();
  if (text === "") {
    return (
      <>
        <PageHeader title={say("title")} />
        <Empty title={say("title")} icon={Search}>
          {say("hint")}
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHeader title={say("for", { text })} />
      <Results key={text} text={text} />
    </>
  );
}

function Results({ text }: { text: string }) {
  const say = useWords(area);
  const names = useNames(text);
  const versions = usePackageVersions(text);
  const vulnerability = useVulnerability(text);
  if (names.isPending || versions.isPending || (vulnerability.isPending && vulnerability.isFetching))
    return <Loading />;
  if (names.error) return <Failure error={names.error} again={() => void names.refetch()} />;
  const found = names.data;
  const packages = versions.data?.items ?? [];
  const isNothing =
    found.namespaces.length + found.repositories.length + found.artifacts.length + packages.length === 0 &&
    !vulnerability.data;
  if (isNothing) {
    return (
      <Empty title={say("nothing", { text: plain(text) })} icon={Search}>
        {say("nothingText")}
      </Empty>
    );
  }
  return (
    <div className="stack">
      {vulnerability.data && <VulnerabilityFound found={vulnerability.data} />}
      {packages.length > 0 && <PackageFound name={text} versions={packages} />}
      <Names found={found} />
    </div>
  );
}

function useNames(text: string) {
  return useQuery({
    queryKey: ["search", text],
    queryFn: ({ signal }) => answer(api.GET("/search", { params: { query: { q: text } }, signal })),
  });
}

function usePackageVersions(text: string) {
  return useQuery({
    queryKey: ["search", "package", text],
    queryFn: ({ signal }) =>
      answer(api.GET("/packages/{package}/versions", { params: { path: { package: text } }, signal })),
  });
}

/** Nothing, where nobody knows it: a search is no failure then. */
function useVulnerability(text: string) {
  return useQuery({
    queryKey: ["vulnerability", text.toUpperCase(), "search"],
    queryFn: async ({ signal }): Promise<Vulnerability | null> => {
      try {
        const path = { vulnerability: text };
        return await answer(api.GET("/vulnerabilities/{vulnerability}", { params: { path }, signal }));
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 501)) return null;
        throw error;
      }
    },
    enabled: mayBeVulnerability(text),
  });
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={`card ${css.section}`}>
      <h2>{title}</h2>
      <ul className={css.list}>{children}</ul>
    </section>
  );
}

function VulnerabilityFound({ found }: { found: Vulnerability }) {
  const say = useWords(area);
  return (
    <Section title={say("vulnerability")}>
      <li>
        <span className="row">
          <Link to={to.vulnerability(found.id)}>{found.id}</Link>
          <SeverityBadge severity={worstOf(found.ratings, found.cvss)} />
        </span>
        <span className={css.summary}>{plain(found.summary ?? "")}</span>
      </li>
    </Section>
  );
}

function PackageFound({ name, versions }: { name: string; versions: { artifacts: number }[] }) {
  const say = useWords(area);
  return (
    <Section title={say("package")}>
      <li>
        <Link to={`/packages/${encodeURIComponent(name)}`} className="mono">
          {plain(name)}
        </Link>
        <span className="dim">{say("versions", { count: versions.length })}</span>
      </li>
    </Section>
  );
}

function Names({ found }: { found: Found }) {
  const say = useWords(area);
  const format = useFormat();
  return (
    <>
      {found.repositories.length > 0 && (
        <Section title={say("repositories")}>
          {found.repositories.map((it) => (
            <li key={`${it.namespace}/${it.name}`}>
              <Link to={to.repository(it.namespace, it.name)}>
                {it.namespace}/{it.name}
              </Link>
              <span className="dim">{say("inImages", { count: it.artifacts })}</span>
            </li>
          ))}
        </Section>
      )}
      {found.namespaces.length > 0 && (
        <Section title={say("namespaces")}>
          {found.namespaces.map((it) => (
            <li key={it.name}>
              <Link to={to.namespace(it.name)}>{it.name}</Link>
              <span className="dim">{format.bytes(it.used_bytes)}</span>
            </li>
          ))}
        </Section>
      )}
      {found.artifacts.length > 0 && (
        <Section title={say("artifacts")}>
          {found.artifacts.map((it) => {
            const address = to.artifact(it.namespace, it.repository, it.digest);
            return (
              <li key={`${it.namespace}/${it.repository}@${it.digest}`}>
                <Link to={address}>
                  {it.namespace}/{it.repository} <span className="mono">{shortDigest(it.digest)}</span>
                </Link>
                <span className={css.level}>
                  <LevelCell scan={it.scan} summary={it.summary} to={address} />
                </span>
              </li>
            );
          })}
        </Section>
      )}
    </>
  );
}
