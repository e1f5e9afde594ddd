// The filters of findings: those that are used daily in sight, the others behind a button.
import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { ArtifactOverview } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { FilterRow } from "~/parts/FilterRow";
import { ChoiceFilter, ClearFilters, TextFilter } from "~/parts/Filters";
import { ARTIFACT, type ArtifactAddress, keyOf } from "../artifact";
import css from "./findings.module.css";
import { type FindingFilter, type FindingState, FURTHER, isFiltered } from "./query";

interface FiltersProps {
  address: ArtifactAddress;
  overview: ArtifactOverview;
  state: FindingState;
  change: (next: Partial<FindingState>) => void;
}

const STATUSES = [
  "fixed",
  "affected",
  "will_not_fix",
  "fix_deferred",
  "end_of_life",
  "under_investigation",
] as const;
/** Whose layer brought a package in. */
const WHOSE = ["base", "own", "unknown"] as const;
/** Per mille, as the interface wants it. */
const LIKELY = ["1", "10", "100", "500"] as const;
/** Those in sight where there is room. */
const SEEN: FindingFilter[] = ["severity", "fixable", "exploited"];
const LEVELS = ["critical", "high", "medium", "low"] as const;

export function FindingFilters({ address, overview, state, change }: FiltersProps) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const word = useWords(parts);
  const [isOpen, setOpen] = useState(false);
  const furtherSet = FURTHER.filter((it) => state[it] !== "").length;
  const clear = () => {
    const all: FindingFilter[] = ["q", "severity", "fixable", "exploited", ...FURTHER];
    change(Object.fromEntries(all.map((it) => [it, ""])));
  };
  return (
    <div className={css.filters}>
      <div className="row">
        <SegmentedControl
          size="xs"
          aria-label={say("groupBy")}
          value={state.by}
          onChange={(by) => change({ by })}
          data={[
            { value: "", label: say("byFinding") },
            { value: "vulnerability", label: say("byVulnerability") },
            { value: "package", label: say("byPackage") },
            { value: "layer", label: say("byLayer") },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={say("suppressed")}
          value={state.suppressed}
          onChange={(suppressed) => change({ suppressed })}
          data={[
            { value: "", label: say("counted") },
            { value: "yes", label: say("suppressed") },
          ]}
        />
      </div>
      <div className="row">
        <FilterRow
          first={
            <TextFilter
              label={say("searchFindings")}
              value={state.q}
              onChange={(q) => change({ q })}
              width={230}
            />
          }
          count={SEEN.filter((it) => state[it] !== "").length + furtherSet}
        >
          <ChoiceFilter
            label={lists("severity")}
            value={state.severity}
            onChange={(severity) => change({ severity })}
            choices={LEVELS.map((it) => ({
              value: it,
              label: it === "critical" ? word(it) : lists("atLeast", { severity: word(it) }),
            }))}
            width={160}
          />
          <ChoiceFilter
            label={word("fixable")}
            value={state.fixable}
            onChange={(fixable) => change({ fixable })}
            choices={[
              { value: "yes", label: say("withFix") },
              { value: "no", label: say("withoutFix") },
            ]}
            width={135}
          />
          <ChoiceFilter
            label={word("exploited")}
            value={state.exploited}
            onChange={(exploited) => change({ exploited })}
            choices={[
              { value: "yes", label: say("knownExploited") },
              { value: "no", label: say("notKnownExploited") },
            ]}
            width={150}
          />
          <Button
            size="compact-sm"
            variant={isOpen || furtherSet > 0 ? "light" : "subtle"}
            leftSection={<SlidersHorizontal size={14} aria-hidden="true" />}
            aria-expanded={isOpen || furtherSet > 0}
            onClick={() => setOpen(!isOpen)}
          >
            {furtherSet > 0 ? say("moreFiltersSet", { count: furtherSet }) : say("moreFilters")}
          </Button>
        </FilterRow>
        <ClearFilters isChanged={isFiltered(state)} clear={clear} />
      </div>
      {(isOpen || furtherSet > 0) && (
        <Further address={address} overview={overview} state={state} change={change} />
      )}
    </div>
  );
}

function Further({ address, overview, state, change }: FiltersProps) {
  const say = useWords(words);
  const format = useFormat();
  const layers = useLayerChoices(address);
  const platforms = overview.platforms.flatMap((it) => (it.platform ? [it.platform] : []));
  return (
    <div className="row">
      <ChoiceFilter
        label={say("status")}
        value={state.status}
        onChange={(status) => change({ status })}
        choices={STATUSES.map((it) => ({ value: it, label: say(`status_${it}`) }))}
        width={170}
      />
      <ChoiceFilter
        label="EPSS"
        value={state.epss}
        onChange={(epss) => change({ epss })}
        choices={LIKELY.map((it) => ({
          value: it,
          label: say("epssAtLeast", { percent: format.percent(Number(it) / 1000, 1) }),
        }))}
        width={140}
      />
      <TextFilter
        label={say("packageName")}
        value={state.package}
        onChange={(name) => change({ package: name })}
        width={170}
      />
      <TextFilter label={say("path")} value={state.path} onChange={(path) => change({ path })} width={190} />
      <ChoiceFilter
        label={say("layer")}
        value={state.layer}
        onChange={(layer) => change({ layer })}
        choices={layers}
        width={200}
      />
      <ChoiceFilter
        label={say("from")}
        value={state.from}
        onChange={(from) => change({ from })}
        choices={WHOSE.map((it) => ({ value: it, label: say(`from_${it}`) }))}
        width={170}
      />
      {platforms.length > 0 && (
        <ChoiceFilter
          label={say("platform")}
          value={state.platform}
          onChange={(platform) => change({ platform })}
          choices={platforms.map((it) => ({ value: it, label: it }))}
          width={160}
        />
      )}
      {state.type !== "" && (
        <Button size="compact-sm" variant="light" onClick={() => change({ type: "" })}>
          {`${say("type")}: ${state.type} ×`}
        </Button>
      )}
    </div>
  );
}

/** The layers of an artifact; also of the tab that lists them. */
export function useLayers(address: ArtifactAddress) {
  return useQuery({
    queryKey: keyOf(address, "layers"),
    queryFn: ({ signal }) => answer(api.GET(`${ARTIFACT}/layers`, { params: { path: address }, signal })),
  });
}

/** The layers to choose from, by number and instruction; one that several platforms share stands once. */
export function useLayerChoices(address: ArtifactAddress): { value: string; label: string }[] {
  const say = useWords(words);
  const { data: layers = [] } = useLayers(address);
  const once = new Map(layers.map((it) => [it.diff_id, it]));
  return [...once.values()].map((it) => ({
    value: it.diff_id,
    label: `${it.index + 1} · ${it.instruction ?? say("noInstruction")}`.slice(0, 80),
  }));
}
