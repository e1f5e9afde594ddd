// The filters of lists of artifacts. They stand in the address under the names of the interface.
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import type { AddressState } from "~/parts/address";
import { FilterRow } from "~/parts/FilterRow";
import { ChoiceFilter, TextFilter } from "~/parts/Filters";

export const FILTERS = {
  q: "",
  tag: "",
  tagged: "",
  state: "",
  verdict: "",
  severity: "",
  fixable: "",
  incomplete: "",
  end_of_life: "",
  referrers: "",
  sort: "pushed",
};

type Filter = keyof typeof FILTERS;
/** Those that are chosen from. */
const OTHERS: Filter[] = ["state", "severity", "fixable", "verdict", "tagged", "incomplete", "end_of_life"];

interface ArtifactFiltersProps {
  state: AddressState<Filter>;
  change: (next: Partial<Record<Filter, string>>) => void;
  hasRepository?: boolean;
}

const STATES = [
  "not_scanned",
  "not_supported",
  "queued",
  "scanning",
  "failed",
  "complete",
  "stopped",
] as const;
const ANSWERS = ["allow", "warn", "deny"] as const;
const LEVELS = ["critical", "high", "medium", "low"] as const;

export function ArtifactFilters({ state, change, hasRepository }: ArtifactFiltersProps) {
  const say = useWords(namespaces);
  const word = useWords(parts);
  const tag = (
    <TextFilter label={say("tag")} value={state.tag} onChange={(tag) => change({ tag })} width={170} />
  );
  const repository = (
    <TextFilter label={say("repository")} value={state.q} onChange={(q) => change({ q })} width={170} />
  );
  const others = OTHERS.filter((it) => state[it] !== FILTERS[it]).length;
  return (
    <FilterRow first={hasRepository ? repository : tag} count={others}>
      {hasRepository && tag}
      <ChoiceFilter
        label={say("state")}
        value={state.state}
        onChange={(next) => change({ state: next })}
        choices={STATES.map((it) => ({ value: it, label: word(it) }))}
      />
      <ChoiceFilter
        label={say("severity")}
        value={state.severity}
        onChange={(severity) => change({ severity })}
        choices={LEVELS.map((it) => ({
          value: it,
          label: it === "critical" ? word(it) : say("atLeast", { severity: word(it) }),
        }))}
        width={170}
      />
      <ChoiceFilter
        label={say("fixable")}
        value={state.fixable}
        onChange={(fixable) => change({ fixable })}
        choices={[
          { value: "yes", label: say("yes") },
          { value: "no", label: say("no") },
        ]}
        width={130}
      />
      <ChoiceFilter
        label={say("verdict")}
        value={state.verdict}
        onChange={(verdict) => change({ verdict })}
        choices={ANSWERS.map((it) => ({ value: it, label: word(it) }))}
        width={140}
      />
      <ChoiceFilter
        label={say("tagged")}
        value={state.tagged}
        onChange={(tagged) => change({ tagged })}
        choices={[
          { value: "yes", label: say("withTag") },
          { value: "no", label: say("withoutTag") },
        ]}
        width={130}
      />
      <ChoiceFilter
        label={say("complete")}
        value={state.incomplete}
        onChange={(incomplete) => change({ incomplete })}
        choices={[
          { value: "yes", label: say("partsUnread") },
          { value: "no", label: say("allRead") },
        ]}
        width={130}
      />
      <ChoiceFilter
        label={say("updates")}
        value={state.end_of_life}
        onChange={(end_of_life) => change({ end_of_life })}
        choices={[
          { value: "yes", label: say("noUpdates") },
          { value: "no", label: say("hasUpdates") },
        ]}
        width={130}
      />
    </FilterRow>
  );
}
