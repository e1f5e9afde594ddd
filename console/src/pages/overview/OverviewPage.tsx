// What needs attention, over all that whoever looks may see. Each number leads to its list.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Overview } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { overview } from "~/i18n/words/overview";
import { PageHeader } from "~/parts/PageHeader";
import { Failure, Loading } from "~/parts/States";
import { useNow } from "~/parts/Values";
import { Coverage } from "./Coverage";
import { DatabaseCard } from "./DatabaseCard";
import { FirstSteps } from "./FirstSteps";
import { NewlyAffected } from "./NewlyAffected";
import css from "./overview.module.css";
import { Tiles } from "./Tiles";
import { TrendChart } from "./TrendChart";
import { sinceLastVisit } from "./visit";
import { WorstArtifacts } from "./WorstArtifacts";

const DAYS = 30;

export default function OverviewPage() {
  const say = useWords(overview);
  const [since] = useState(() => sinceLastVisit());
  const query = useQuery({
    queryKey: ["overview", since],
    queryFn: ({ signal }) =>
      answer(api.GET("/overview", { params: { query: { since, days: DAYS } }, signal })),
  });
  return (
    <>
      <PageHeader title={say("title")} lead={<CountedAt time={query.data?.counted_at} />} />
      {query.isPending ? (
        <Loading rows={5} height={90} />
      ) : query.error ? (
        <Failure error={query.error} again={() => void query.refetch()} />
      ) : (
        <Content found={query.data} since={since} />
      )}
    </>
  );
}

function CountedAt({ time }: { time?: string | null }) {
  const say = useWords(overview);
  const format = useFormat();
  const now = useNow();
  if (!time) return null;
  return <>{say("countedAt", { time: format.relative(new Date(time), now) })}</>;
}

function Content({ found, since }: { found: Overview; since: string }) {
  const say = useWords(overview);
  const uncounted = found.namespaces_uncounted;
  if (found.artifacts === 0 && found.repositories === 0 && uncounted === 0) return <FirstSteps />;
  return (
    <>
      {uncounted > 0 && <p role="status">{say("uncounted", { count: uncounted })}</p>}
      <Tiles found={found} days={DAYS} />
      <div className={css.columns}>
        <div className={css.column}>
          <section className="card" aria-labelledby="trend">
            <div className={css.head}>
              <h2 id="trend">{say("trend")}</h2>
            </div>
            <TrendChart days={found.trend} />
          </section>
          <WorstArtifacts worst={found.worst} />
        </div>
        <div className={css.column}>
          <NewlyAffected found={found} since={since} />
          <Coverage found={found} />
          <DatabaseCard />
        </div>
      </div>
    </>
  );
}
