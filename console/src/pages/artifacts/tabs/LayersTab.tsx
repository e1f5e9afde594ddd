// The layers of an artifact, lowest first, with the instruction that made each and what it brought in.
import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { LayerListed } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { plain } from "~/parts/Advisory";
import { useAddressState } from "~/parts/address";
import { Digest } from "~/parts/Copy";
import { Empty, Failure, Loading } from "~/parts/States";
import { Bytes } from "~/parts/Values";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, keyOf } from "../artifact";
import { useLayers } from "../findings/Filters";
import css from "./tabs.module.css";

const DEFAULTS = { platform: "" };

export default function LayersTab({ address }: ArtifactTabProps) {
  const say = useWords(words);
  const layers = useLayers(address);
  const { state, change } = useAddressState(DEFAULTS);
  const platforms = useMemo(
    () => [...new Set((layers.data ?? []).map((it) => it.platform ?? ""))],
    [layers.data],
  );
  if (layers.error) return <Failure error={layers.error} again={() => void layers.refetch()} />;
  if (!layers.data) return <Loading />;
  if (layers.data.length === 0) return <Empty title={say("noLayers")} />;
  const platform = platforms.find((it) => it === state.platform) ?? platforms[0] ?? "";
  const shown = layers.data.filter((it) => (it.platform ?? "") === platform);
  return (
    <div className="stack">
      {platforms.length > 1 && (
        <Select
          label={say("platform")}
          w={220}
          size="xs"
          data={platforms.map((it) => ({ value: it, label: it || "?" }))}
          value={platform}
          onChange={(value) => change({ platform: value ?? "" })}
          allowDeselect={false}
        />
      )}
      <Layers address={address} layers={shown} />
    </div>
  );
}

function Layers({ address, layers }: { address: ArtifactAddress; layers: LayerListed[] }) {
  const say = useWords(words);
  const largest = Math.max(1, ...layers.map((it) => it.size_bytes ?? 0));
  const whole = layers.reduce((sum, it) => sum + (it.size_bytes ?? 0), 0);
  return (
    <section className={css.frame} aria-label={say("layers")}>
      <div className={css.layersHead}>
        <span>{say("layersInAll", { count: layers.length })}</span>
        <Bytes bytes={whole} />
      </div>
      <ol className={css.layers}>
        {layers.map((it) => (
          <Layer key={`${it.platform} ${it.index}`} address={address} layer={it} largest={largest} />
        ))}
      </ol>
    </section>
  );
}

interface LayerProps {
  address: ArtifactAddress;
  layer: LayerListed;
  largest: number;
}

function Layer({ address, layer, largest }: LayerProps) {
  const say = useWords(words);
  const [isOpen, setOpen] = useState(false);
  const { namespace, repository, reference } = address;
  return (
    <li className={css.layer}>
      <span className={css.layerNumber}>{layer.index + 1}</span>
      <div className={css.layerBody}>
        <Instruction text={layer.instruction} />
        <div className={css.layerFacts}>
          <Digest digest={layer.digest ?? layer.diff_id} />
          {layer.from_base && <span className="dim">{say("from_base")}</span>}
          {layer.packages > 0 ? (
            <Button
              size="compact-xs"
              variant="subtle"
              className={css.opener}
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {say("packageCount", { count: layer.packages })}
            </Button>
          ) : (
            <span className="dim">{say("noPackagesHere")}</span>
          )}
          {layer.findings > 0 && (
            <Link to={to.artifact(namespace, repository, reference, { layer: layer.diff_id })}>
              {say("findingCount", { count: layer.findings })}
            </Link>
          )}
        </div>
        {isOpen && <Brought address={address} layer={layer} />}
        <Settings of={layer.settings} />
      </div>
      <div className={css.layerSize}>
        {layer.size_bytes == null ? <span className="dim">–</span> : <Bytes bytes={layer.size_bytes} />}
        <span className={css.sizeBar} aria-hidden="true">
          <span style={{ width: `${((layer.size_bytes ?? 0) / largest) * 100}%` }} />
        </span>
      </div>
    </li>
  );
}

/** An instruction as in a Dockerfile: its first word stands out. */
function Instruction({ text }: { text?: string | null }) {
  const say = useWords(words);
  if (!text) return <span className="dim">{say("noInstruction")}</span>;
  const [, word = "", rest = ""] = /^([A-Z]{2,12})?\s*([\s\S]*)$/.exec(plain(text)) ?? [];
  return (
    <code className={css.instruction}>
      {word !== "" && <strong>{word} </strong>}
      {rest}
    </code>
  );
}

/** What the Dockerfile said behind a layer that made none: `ENV`, `USER`, `CMD`. */
function Settings({ of }: { of: string[] }) {
  if (of.length === 0) return null;
  return (
    <div className={css.settings}>
      {of.map((it, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a Dockerfile may say the same twice
        <Instruction key={at} text={it} />
      ))}
    </div>
  );
}

const SHOWN = 100;

function Brought({ address, layer }: { address: ArtifactAddress; layer: LayerListed }) {
  const say = useWords(words);
  const { namespace, repository, reference } = address;
  const list = useQuery({
    queryKey: keyOf(address, "packages", "layer", layer.diff_id),
    queryFn: ({ signal }) =>
      answer(
        api.GET(`${ARTIFACT}/packages`, {
          params: { path: address, query: { diff_id: layer.diff_id, limit: SHOWN } },
          signal,
        }),
      ),
  });
  if (list.error) return <Failure error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return <Loading rows={2} height={20} />;
  return (
    <div className={css.brought}>
      {list.data.items.map((it) => (
        <span key={`${it.purl} ${it.path}`} className={css.broughtOne} title={plain(it.path)}>
          {plain(it.name)} <span className="mono dim">{plain(it.version)}</span>
          {it.findings > 0 && (
            <Link to={to.artifact(namespace, repository, reference, { package: it.name })}>
              {say("findingCount", { count: it.findings })}
            </Link>
          )}
        </span>
      ))}
      {list.data.next && (
        <Link to={to.artifact(namespace, repository, reference, { tab: "packages", layer: layer.diff_id })}>
          {say("allPackages", { count: layer.packages })}
        </Link>
      )}
    </div>
  );
}
