// The form of a policy, in plain words. A field that means nothing with the others is not shown.
import { NumberInput, Select, Slider, Switch, TagsInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { SEVERITIES, type Severity } from "~/api/types";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { policyWords } from "~/i18n/words/policy";
import { Choice } from "./Choice";
import {
  ACTIONS,
  type Action,
  asksOfFindings,
  type Policy,
  STAGES,
  severitiesWithGrace,
  stageOf,
  withStage,
} from "./policy";
import css from "./policy.module.css";

interface PolicyFormProps {
  policy: Policy;
  change: (next: Partial<Policy>) => void;
}

export function PolicyForm({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  const stage = stageOf(policy);
  return (
    <div className="stack">
      <Part title={say("stage")}>
        <div className={css.stages} role="radiogroup" aria-label={say("stage")}>
          {STAGES.map((it) => (
            <label key={it} className={css.stage} data-chosen={it === stage || undefined}>
              <input
                type="radio"
                name="stage"
                checked={it === stage}
                onChange={() => change(withStage(policy, it))}
              />
              <span>
                <strong>{say(`stage.${it}`)}</strong>
                <span className="dim">{say(`stageText.${it}`)}</span>
              </span>
            </label>
          ))}
        </div>
      </Part>
      {stage !== "off" && (
        <>
          <Vulnerabilities policy={policy} change={change} />
          <Attacks policy={policy} change={change} />
          <Unknowns policy={policy} change={change} />
          <Running policy={policy} change={change} />
        </>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card">
      <h2 className={css.title}>{title}</h2>
      <div className={css.fields}>{children}</div>
    </section>
  );
}

/** A question with its three answers. */
function Ask(props: {
  label: string;
  help?: string;
  value: Action;
  onChange: (action: Action) => void;
  children?: ReactNode;
}) {
  const say = useWords(policyWords);
  const id = useId();
  return (
    <div className={css.ask}>
      <div>
        <div id={id}>{props.label}</div>
        {props.help && <div className={`dim ${css.small}`}>{props.help}</div>}
        {props.children}
      </div>
      <Choice
        labelledBy={id}
        value={props.value}
        onChange={props.onChange}
        choices={ACTIONS.map((it) => ({ value: it, label: say(it) }))}
      />
    </div>
  );
}

function Days(props: {
  label: string;
  value: number | null;
  onChange: (days: number) => void;
  width?: number;
}) {
  const say = useWords(policyWords);
  return (
    <NumberInput
      size="xs"
      w={props.width ?? 120}
      aria-label={props.label}
      suffix={` ${say("days")}`}
      min={0}
      max={3650}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      value={props.value ?? 0}
      onChange={(value) => props.onChange(Number(value) || 0)}
    />
  );
}

function Vulnerabilities({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  const word = useWords(parts);
  const levels = SEVERITIES.filter((it) => it !== "unknown" || policy.severity === "unknown");
  const isAsking = asksOfFindings(policy);
  return (
    <Part title={say("vulnerabilities")}>
      <Select
        label={say("refuseFrom")}
        maw={360}
        allowDeselect={false}
        data={[
          { value: "", label: say("noSeverity") },
          ...levels.map((it) => ({
            value: it,
            label: it === "critical" ? word(it) : say("orWorse", { severity: word(it) }),
          })),
        ]}
        value={policy.severity ?? ""}
        onChange={(value) => change({ severity: value ? (value as Severity) : null })}
      />
      {isAsking && (
        <>
          <Switch
            label={say("onlyFixable")}
            checked={policy.only_fixable}
            onChange={(event) => change({ only_fixable: event.currentTarget.checked })}
          />
          <div className={css.with}>
            <Switch
              label={say("fixAge")}
              checked={policy.fix_age_days !== null}
              onChange={(event) => change({ fix_age_days: event.currentTarget.checked ? 14 : null })}
            />
            {policy.fix_age_days !== null && (
              <Days
                label={say("fixAgeDays")}
                value={policy.fix_age_days}
                onChange={(fix_age_days) => change({ fix_age_days })}
              />
            )}
          </div>
          <Grace policy={policy} change={change} />
        </>
      )}
      {policy.severity !== null && (
        <Ask label={say("unratedAsk")} value={policy.unrated} onChange={(unrated) => change({ unrated })} />
      )}
    </Part>
  );
}

function Grace({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  const word = useWords(parts);
  const severities = severitiesWithGrace(policy);
  const set = (severity: Severity, days: number) => {
    const next = { ...policy.grace_days, [severity]: days };
    if (days === 0) delete next[severity];
    change({ grace_days: next });
  };
  return (
    <fieldset className={css.grace}>
      <legend>{say("grace")}</legend>
      <div className="row">
        {severities.map((it) => (
          <div key={it} className={css.days}>
            <span aria-hidden="true">{word(it)}</span>
            <Days
              label={say("daysOf", { severity: word(it) })}
              width={96}
              value={policy.grace_days[it] ?? 0}
              onChange={(days) => set(it, days)}
            />
          </div>
        ))}
      </div>
      <div className={`dim ${css.small}`}>{say("graceHelp")}</div>
    </fieldset>
  );
}

function Attacks({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  const { epss } = policy;
  return (
    <Part title={say("attacks")}>
      <Ask
        label={say("exploitedAsk")}
        help={say("exploitedHelp")}
        value={policy.known_exploited}
        onChange={(known_exploited) => change({ known_exploited })}
      />
      <Ask
        label={say("epssAsk")}
        help={epss ? say("epssHelp") : undefined}
        value={epss?.action ?? "allow"}
        onChange={(action) =>
          change({ epss: action === "allow" ? null : { at_least: epss?.at_least ?? 0.1, action } })
        }
      >
        {epss && (
          <Slider
            className={css.slider}
            thumbLabel={say("probability")}
            min={1}
            max={99}
            label={(value) => `${value} %`}
            labelAlwaysOn
            value={Math.round(epss.at_least * 100)}
            onChange={(value) => change({ epss: { ...epss, at_least: value / 100 } })}
          />
        )}
      </Ask>
    </Part>
  );
}

function Unknowns({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  return (
    <Part title={say("unknowns")}>
      <Ask
        label={say("unscannedAsk")}
        value={policy.unscanned}
        onChange={(unscanned) => change({ unscanned })}
      />
      <Ask
        label={say("incompleteAsk")}
        value={policy.incomplete}
        onChange={(incomplete) => change({ incomplete })}
      />
      <Ask
        label={say("endOfLifeAsk")}
        value={policy.end_of_life}
        onChange={(end_of_life) => change({ end_of_life })}
      />
      <Ask
        label={say("staleAsk")}
        value={policy.stale_database}
        onChange={(stale_database) => change({ stale_database })}
      >
        {policy.stale_database !== "allow" && (
          <div className={css.below}>
            <Days
              label={say("staleDays")}
              value={policy.database_age_days}
              onChange={(database_age_days) => change({ database_age_days })}
            />
          </div>
        )}
      </Ask>
      <Ask
        label={say("unsupportedAsk")}
        value={policy.unsupported}
        onChange={(unsupported) => change({ unsupported })}
      />
      <Ask
        label={say("unusedAsk")}
        value={policy.unused_exceptions}
        onChange={(unused_exceptions) => change({ unused_exceptions })}
      />
    </Part>
  );
}

function Running({ policy, change }: PolicyFormProps) {
  const say = useWords(policyWords);
  return (
    <Part title={say("running")}>
      <div className={css.with}>
        <Switch
          label={say("spareAsk")}
          description={say("spareHelp")}
          checked={policy.spare_pulled_days !== null}
          onChange={(event) => change({ spare_pulled_days: event.currentTarget.checked ? 7 : null })}
        />
        {policy.spare_pulled_days !== null && (
          <Days
            label={say("spareDays")}
            value={policy.spare_pulled_days}
            onChange={(spare_pulled_days) => change({ spare_pulled_days })}
          />
        )}
      </div>
      <TagsInput
        label={say("scannersAsk")}
        description={say("scannersHelp")}
        maw={480}
        maxTags={100}
        value={policy.scanners}
        onChange={(scanners) => change({ scanners })}
      />
    </Part>
  );
}
