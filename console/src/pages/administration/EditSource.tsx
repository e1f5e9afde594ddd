// Has a namespace list the images of a registry of others, or changes which of them.
import { NumberInput, Select, Textarea } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { useOld } from "~/api/act";
import { useWhole } from "~/api/all";
import { answer, api } from "~/api/client";
import type { Source } from "~/api/types";
import { useWords } from "~/i18n";
import { forms } from "~/i18n/words/forms";
import { registryWords } from "~/i18n/words/registries";
import { plain } from "~/parts/Advisory";
import { FormModal } from "~/parts/FormModal";
import { useToasts } from "~/parts/toasts";
import css from "./administration.module.css";
import { globsOf, withGlob } from "./registries";
import { useRepositories } from "./registryCalls";

const MINUTES = 15;
const MINUTES_MAX = 1_440;

export function EditSource(props: { namespace: string; source?: Source; close: () => void }) {
  const { namespace, source } = props;
  const say = useWords(registryWords);
  const word = useWords(forms);
  const old = useOld();
  const toasts = useToasts();
  const [registry, setRegistry] = useState(source?.registry);
  const [repositories, setRepositories] = useState(source?.repositories.join("\n") ?? "");
  const [tags, setTags] = useState(source?.tags.join("\n") ?? "");
  const [minutes, setMinutes] = useState(source?.every_minutes ?? MINUTES);
  const submit = async () => {
    const wanted = globsOf(tags);
    const body = {
      registry: registry ?? 0,
      repositories: globsOf(repositories),
      tags: wanted.length > 0 ? wanted : undefined,
      every_minutes: minutes,
    };
    await answer(api.PUT("/namespaces/{namespace}/source", { params: { path: { namespace } }, body }));
    old("namespaces", "registries", "repositories", "artifacts");
    toasts.done(say("listed"));
  };
  return (
    <FormModal
      title={say("sourceTitle")}
      close={props.close}
      action={word("save")}
      onSubmit={submit}
      canSubmit={registry !== undefined && globsOf(repositories).length > 0}
      size="lg"
      fields={["/registry", "/repositories", "/tags", "/every_minutes"]}
    >
      {(fault) => (
        <>
          <RegistrySelect value={registry} onChange={setRegistry} error={fault("/registry")} />
          <div>
            <Textarea
              label={say("which")}
              description={say("whichHelp")}
              placeholder={"library/*\nteam/**"}
              autosize
              minRows={2}
              maxRows={8}
              spellCheck={false}
              value={repositories}
              error={fault("/repositories")}
              onChange={(event) => setRepositories(event.currentTarget.value)}
            />
            <Suggestions registry={registry} choose={(it) => setRepositories(withGlob(repositories, it))} />
          </div>
          <Textarea
            label={say("tags")}
            description={say("tagsHelp")}
            placeholder={"v*\nlatest"}
            autosize
            minRows={1}
            maxRows={6}
            spellCheck={false}
            value={tags}
            error={fault("/tags")}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
          <NumberInput
            label={say("everyLabel")}
            maw={220}
            min={1}
            max={MINUTES_MAX}
            allowDecimal={false}
            allowNegative={false}
            value={minutes}
            error={fault("/every_minutes")}
            onChange={(value) => setMinutes(Number(value) || MINUTES)}
          />
        </>
      )}
    </FormModal>
  );
}

function RegistrySelect(props: {
  value?: number;
  onChange: (registry: number | undefined) => void;
  error?: string;
}) {
  const say = useWords(registryWords);
  const list = useWhole(["registries", "names"], (cursor, signal) =>
    answer(api.GET("/registries", { params: { query: { cursor, limit: 100 } }, signal })),
  );
  if (!list.isPending && !list.error && list.items.length === 0) {
    return (
      <p style={{ margin: 0 }}>
        {say("noRegistry")}{" "}
        <Link to="/administration?tab=registries" className="inText">
          {say("toRegistries")}
        </Link>
      </p>
    );
  }
  return (
    <Select
      label={say("registry")}
      data={list.items.map((it) => ({ value: String(it.id), label: `${it.name} (${it.host})` }))}
      value={props.value === undefined ? null : String(props.value)}
      error={props.error ?? list.error?.message}
      onChange={(value) => props.onChange(value === null ? undefined : Number(value))}
      allowDeselect={false}
      searchable
    />
  );
}

/** So many are shown; more than that nobody reads. */
const SHOWN = 100;

/** What the registry has: a press takes it over. Nothing, where it does not tell. */
function Suggestions(props: { registry?: number; choose: (repository: string) => void }) {
  const say = useWords(registryWords);
  const found = useRepositories(props.registry);
  const names = found.data?.items ?? [];
  if (names.length === 0) return null;
  return (
    <div className={css.badges} style={{ marginTop: 6 }} role="group" aria-label={say("suggestions")}>
      <span className="dim">{say("suggestions")}:</span>
      {names.slice(0, SHOWN).map((it) => (
        <button key={it} type="button" className={css.pick} onClick={() => props.choose(it)}>
          {plain(it)}
        </button>
      ))}
      {(names.length > SHOWN || found.data?.is_cut) && <span className="dim">…</span>}
    </div>
  );
}
