// One artifact: what was found in it, where that came from, what to do.
import { Suspense } from "react";
import { useSearchParams } from "react-router";
import { to } from "~/addresses";
import type { ArtifactOverview } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { Digest, shortDigest } from "~/parts/Copy";
import { PageHeader } from "~/parts/PageHeader";
import { Loading } from "~/parts/States";
import { TabBar } from "~/parts/TabBar";
import { PageFailure } from "~/shell/NotFound";
import { ArtifactActions } from "./ArtifactActions";
import { ArtifactSummary } from "./ArtifactSummary";
import { type ArtifactAddress, hasReport, useOverview } from "./artifact";
import css from "./artifact.module.css";
import { kindOf } from "./kind";
import { NoReport } from "./NoReport";
import { ARTIFACT_TABS } from "./tabs";

export default function ArtifactPage(asked: ArtifactAddress) {
  const { namespace, repository, reference } = asked;
  const query = useOverview(asked);
  const overview = query.data;
  if (query.error && !overview) {
    const near = { label: `${namespace}/${repository}`, to: to.repository(namespace, repository) };
    return <PageFailure error={query.error} again={() => void query.refetch()} near={near} />;
  }
  const tag = reference.includes(":") ? overview?.artifact.tags[0] : reference;
  const name = tag ?? shortDigest(reference);
  return (
    <>
      <PageHeader
        title={`${repository}${tag ? ":" : "@"}${name}`}
        crumbs={[
          { label: namespace, to: to.namespace(namespace) },
          { label: repository, to: to.repository(namespace, repository) },
        ]}
        lead={overview && <Lead overview={overview} />}
        actions={overview && <ArtifactActions overview={overview} tag={tag} />}
      />
      {overview ? <Content overview={overview} asked={asked} /> : <Loading />}
    </>
  );
}

function Lead({ overview }: { overview: ArtifactOverview }) {
  const say = useWords(namespaces);
  const { artifact } = overview;
  return (
    <span className="row">
      <span>{say(kindOf(artifact))}</span>
      <span aria-hidden="true">·</span>
      <Digest digest={artifact.digest} />
      {artifact.tags.slice(0, 8).map((tag) => (
        <span key={tag} className={css.tag}>
          {tag}
        </span>
      ))}
      {artifact.tags.length > 8 && <span>+{artifact.tags.length - 8}</span>}
    </span>
  );
}

function Content({ overview, asked }: { overview: ArtifactOverview; asked: ArtifactAddress }) {
  const say = useWords(words);
  const [search] = useSearchParams();
  const { namespace, repository, reference } = asked;
  const tabs = ARTIFACT_TABS.filter((it) => it.fits?.(overview) ?? true);
  const active = tabs.find((it) => it.key === search.get("tab")) ?? tabs[0];
  const address = { namespace, repository, reference: overview.artifact.digest };
  const notes: Record<string, number | undefined> = {
    findings: overview.artifact.summary?.total,
    platforms: overview.platforms.length,
  };
  return (
    <>
      <ArtifactSummary overview={overview} />
      <TabBar
        label={say("parts")}
        active={active?.key ?? ""}
        tabs={tabs.map((it) => ({
          key: it.key,
          label: say(it.label),
          warm: it.page.warm,
          to: to.artifact(namespace, repository, reference, it === tabs[0] ? undefined : { tab: it.key }),
          note: notes[it.key],
        }))}
      />
      {active && (
        <Suspense fallback={<Loading />}>
          {active.needsReport && !hasReport(overview) ? (
            <NoReport artifact={overview.artifact} />
          ) : (
            <active.page key={active.key} address={address} overview={overview} />
          )}
        </Suspense>
      )}
    </>
  );
}
