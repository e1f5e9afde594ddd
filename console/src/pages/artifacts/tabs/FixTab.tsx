// What to change: upgrades that were run through the matcher, with what is found before and after.
import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Layers } from "lucide-react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { components } from "~/api/schema";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { artifactFix } from "~/i18n/words/artifact-fix";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import { Command, CopyButton, Digest } from "~/parts/Copy";
import { Said } from "~/parts/Said";
import { ScrollableCode } from "~/parts/Scrollable";
import { countsOf, SeverityBadge, SeverityBar } from "~/parts/Severity";
import { Empty, Failure, Loading } from "~/parts/States";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, resultKey, resultOf } from "../artifact";
import css from "./fix.module.css";

type Plan = components["schemas"]["FixPlan"];
type Counts = components["schemas"]["FixCounts"];
type Step = components["schemas"]["FixStep"];
type Left = components["schemas"]["FixLeft"];

export default function FixTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(artifactFix);
  const plan = useQuery({
    queryKey: resultKey(address, resultOf(overview), "plan"),
    queryFn: ({ signal }) => answer(api.GET(`${ARTIFACT}/plan`, { params: { path: address }, signal })),
  });
  if (plan.error) return <Failure error={plan.error} again={() => void plan.refetch()} />;
  if (!plan.data) return <Loading />;
  const { before, after, steps, left, introduced, base, end_of_life: endOfLife } = plan.data;
  if (before.total === 0) return <Empty title={say("nothingToFix")} />;
  return (
    <div className="stack" style={{ gap: 18 }}>
      <BeforeAfter before={before} after={after} />
      {endOfLife && (
        <p className={css.notice}>
          <Said text={endOfLife} />
        </p>
      )}
      {base && <Base base={base} />}
      {steps.length === 0 ? (
        <Empty title={say("noSteps")}>{say("noStepsHelp")}</Empty>
      ) : (
        <Steps steps={steps} address={address} />
      )}
      <LeftOver title={say("introduced")} help={say("introducedHelp")} items={introduced} isOpen />
      <LeftOver title={say("left", { count: left.length })} help={say("leftHelp")} items={left} />
    </div>
  );
}

function BeforeAfter({ before, after }: { before: Counts; after: Counts }) {
  const say = useWords(artifactFix);
  return (
    <section className={css.compare} aria-label={say("beforeAfter")}>
      <Side title={say("now")} counts={before} />
      <ArrowRight size={22} aria-hidden="true" className={css.arrow} />
      <Side title={say("afterwards")} counts={after} before={before} />
    </section>
  );
}

const LEVELS = ["critical", "high", "medium", "low"] as const;

function Side({ title, counts, before }: { title: string; counts: Counts; before?: Counts }) {
  const word = useWords(parts);
  const say = useWords(words);
  const format = useFormat();
  return (
    <div className={css.side}>
      <h2>{title}</h2>
      <div className={css.total}>
        {format.number(counts.total)}
        {before && before.total > counts.total && (
          <span className={css.less}>−{format.number(before.total - counts.total)}</span>
        )}
      </div>
      {/* Both bars are drawn to the same scale. */}
      <div style={{ width: before ? `${(counts.total / Math.max(1, before.total)) * 100}%` : "100%" }}>
        <SeverityBar counts={countsOf(counts)} height={10} />
      </div>
      <dl className={css.levels}>
        {LEVELS.map((it) => (
          <div key={it}>
            <dt>{word(it)}</dt>
            <dd>{format.number(counts[it])}</dd>
          </div>
        ))}
        <div>
          <dt>{say("other")}</dt>
          <dd>{format.number(counts.other)}</dd>
        </div>
      </dl>
    </div>
  );
}

function Base({ base }: { base: NonNullable<Plan["base"]> }) {
  const say = useWords(artifactFix);
  const name = base.name ? <span className="mono">{plain(base.name)}</span> : say("unnamedBase");
  return (
    <section className={css.base} aria-label={say("base")}>
      <Layers size={16} aria-hidden="true" />
      <div>
        <strong>{say("base")}</strong>
        <p>{say.rich("builtOn", { name })}</p>
        {base.digest && (
          <p className="dim">
            <Digest digest={base.digest} />
          </p>
        )}
        {base.is_outdated === true && <p>{say("baseOutdated")}</p>}
        {base.is_outdated === false && <p className="dim">{say("baseCurrent")}</p>}
        {base.is_outdated == null && <p className="dim">{say("baseUnknown")}</p>}
      </div>
    </section>
  );
}

function Steps({ steps, address }: { steps: Step[]; address: ArtifactAddress }) {
  const say = useWords(artifactFix);
  const commands = [...new Set(steps.flatMap((it) => (it.command && !it.channel ? [it.command] : [])))];
  return (
    <section className={css.frame}>
      <div className={css.head}>
        <h2>{say("steps", { count: steps.length })}</h2>
        {commands.length > 1 && (
          <span className="row dim">
            {say("allCommands")}
            <CopyButton text={commands.join("\n")} label={say("copyCommands")} />
          </span>
        )}
      </div>
      <ol className={css.steps}>
        {steps.map((it) => (
          <StepRow key={`${it.name} ${it.from} ${it.to} ${it.layer}`} step={it} address={address} />
        ))}
      </ol>
    </section>
  );
}

const CLEARS_SHOWN = 6;

/** The places in the engine's words. One that is new to us is shown as it is. */
const PLACES: Record<string, "placeOwn" | "placeBase" | "placeUnknown"> = {
  "in this image's own layers": "placeOwn",
  "in the base image": "placeBase",
  "in the image": "placeUnknown",
};

function StepRow({ step, address }: { step: Step; address: ArtifactAddress }) {
  const say = useWords(artifactFix);
  const labels = useWords(words);
  const { namespace, repository, reference } = address;
  const known = PLACES[step.place];
  const place = known === undefined ? step.place : say(known);
  const others = step.packages.filter((it) => spelled(it.name) !== spelled(step.name));
  return (
    <li className={css.step}>
      <div className={css.stepHead}>
        <SeverityBadge severity={step.severity} />
        <strong>{plain(step.name)}</strong>
        <span className="mono">
          {plain(step.from)} <span className="dim">→</span> <span className={css.to}>{plain(step.to)}</span>
        </span>
        {step.clears.length > 0 && (
          <span className={css.clears}>{say("clears", { count: step.clears.length })}</span>
        )}
      </div>
      {others.length > 0 && (
        <p className="dim">{say("thatIs", { packages: others.map((it) => plain(it.name)).join(", ") })}</p>
      )}
      <p className="dim">
        {step.layer != null
          ? say("brought", { layer: labels("layerNumber", { number: step.layer + 1 }), place })
          : place}
        {step.instruction && (
          <ScrollableCode className={css.instruction}>{plain(step.instruction)}</ScrollableCode>
        )}
      </p>
      {step.channel && <p className={css.notice}>{say("needsChannel", { channel: step.channel })}</p>}
      {step.command && <Command text={step.command} />}
      {step.hint && (
        <p>
          <Said text={plain(step.hint)} />
        </p>
      )}
      <p className={css.ids}>
        {step.clears.slice(0, CLEARS_SHOWN).map((id) => (
          <Link key={id} to={to.vulnerability(id)}>
            {id}
          </Link>
        ))}
        {step.clears.length > CLEARS_SHOWN && (
          <Link
            to={to.artifact(namespace, repository, reference, {
              package: step.packages[0]?.name ?? step.name,
            })}
          >
            {say("andMore", { count: step.clears.length - CLEARS_SHOWN })}
          </Link>
        )}
      </p>
      {step.not_cleared.length > 0 && (
        <p className={css.notice}>{say("notCleared", { ids: step.not_cleared.join(", ") })}</p>
      )}
    </li>
  );
}

/** Python's names mean the same in any case, and with any of these between their words. */
const spelled = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");

function LeftOver(props: { title: string; help: string; items: Left[]; isOpen?: boolean }) {
  if (props.items.length === 0) return null;
  return (
    <details className={css.frame} open={props.isOpen}>
      <summary className={css.head}>
        <h2>{props.title}</h2>
      </summary>
      <p className={`dim ${css.inside}`}>{props.help}</p>
      <ul className={css.left}>
        {props.items.slice(0, LEFT_SHOWN).map((it) => (
          <li key={`${it.id} ${it.package} ${it.version}`}>
            <SeverityBadge severity={it.severity} />
            <Link to={to.vulnerability(it.id)}>{it.id}</Link>
            <span>
              {plain(it.package)} <span className="mono dim">{plain(it.version)}</span>
            </span>
            {it.fixed_version && <span className="mono">→ {plain(it.fixed_version)}</span>}
            {it.channel && <span className="dim">{it.channel}</span>}
          </li>
        ))}
      </ul>
      {props.items.length > LEFT_SHOWN && <More count={props.items.length - LEFT_SHOWN} />}
    </details>
  );
}

const LEFT_SHOWN = 200;

function More({ count }: { count: number }) {
  const say = useWords(artifactFix);
  return <p className={`dim ${css.inside}`}>{say("andMore", { count })}</p>;
}
