// What to do about a refused image: what to upgrade, each package once, and the server's other advice.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { PullCheck } from "~/api/types";
import { useWords } from "~/i18n";
import { why } from "~/i18n/words/why";
import { plain } from "~/parts/Advisory";
import { Said } from "~/parts/Said";
import { Loading } from "~/parts/States";
import { ARTIFACT } from "../artifacts/artifact";
import { othersOf, type Upgrade, upgradesOf } from "./upgrades";
import css from "./why.module.css";

export function WhatToDo({ found }: { found: PullCheck }) {
  const say = useWords(why);
  const { data: plan, isLoading } = usePlan(found);
  const upgrades = upgradesOf(found.reasons, plan);
  const others = upgrades.length > 0 ? othersOf(found.what_to_do) : found.what_to_do;
  if (upgrades.length + others.length === 0) return null;
  return (
    <section className="card">
      <h2>{say("whatToDo")}</h2>
      <ol className={css.steps}>
        {upgrades.length > 0 && (
          <li>
            {isLoading ? <Loading rows={2} height={18} /> : <Upgrades found={found} upgrades={upgrades} />}
          </li>
        )}
        {others.map((it) => (
          <li key={it}>
            <Said text={it} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Upgrades({ found, upgrades }: { found: PullCheck; upgrades: Upgrade[] }) {
  const say = useWords(why);
  const { namespace, repository, digest } = found;
  return (
    <>
      {say("upgrade")}{" "}
      {digest && (
        <Link to={to.artifact(namespace, repository, digest, { tab: "fix" })} className="inText">
          {say("planSays")}
        </Link>
      )}
      <ul className={css.upgrades}>
        {upgrades.map((it) => (
          <li key={`${it.package} ${it.version}`}>
            <strong>{plain(it.package)}</strong>{" "}
            <span className="mono">
              {plain(it.version)} <span className="dim">→</span> {plain(it.to)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The upgrades that were tried; asked for where an upgrade is advised at all. */
function usePlan({ namespace, repository, digest, reasons }: PullCheck) {
  const reference = digest ?? "";
  return useQuery({
    queryKey: ["findings", namespace, repository, reference, "pull-check", "plan"],
    queryFn: ({ signal }) =>
      answer(api.GET(`${ARTIFACT}/plan`, { params: { path: { namespace, repository, reference } }, signal })),
    enabled: digest != null && upgradesOf(reasons).length > 0,
    retry: false,
  });
}
