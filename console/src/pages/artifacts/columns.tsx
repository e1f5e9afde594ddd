// The columns of lists of artifacts.
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import type { ArtifactListed } from "~/api/types";
import { useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { CopyButton, Digest, shortDigest } from "~/parts/Copy";
import type { Column } from "~/parts/DataTable";
import { Bytes, TimeAgo } from "~/parts/Values";
import { ArtifactLevel } from "./ArtifactLevel";
import { useOverview } from "./artifact";
import css from "./artifact.module.css";
import { pullCommandsOf } from "./commands";
import { kindOf } from "./kind";
import { type Part, usePart } from "./parts";
import { usePlace } from "./place";
import { VerdictCell } from "./VerdictCell";

interface Listed {
  /** Whether they are of several repositories, and of several namespaces. */
  hasRepository: boolean;
  hasNamespace: boolean;
  /** Whether they lie in a registry of others: nobody has pushed them here. */
  isElsewhere: boolean;
}

export function useArtifactColumns(listed: Listed): Column<ArtifactListed>[] {
  const { hasRepository, hasNamespace, isElsewhere } = listed;
  const say = useWords(namespaces);
  return useMemo(
    () => [
      {
        key: "artifact",
        title: say("artifact"),
        width: "minmax(120px, 2fr)",
        cell: (row) => <Name artifact={row} hasRepository={hasRepository} hasNamespace={hasNamespace} />,
      },
      { key: "digest", title: say("digest"), width: "124px", cell: (row) => <Digest digest={row.digest} /> },
      {
        key: "level",
        title: say("level"),
        width: "minmax(216px, 2fr)",
        sort: "severity",
        isFixed: true,
        cell: (row) => <ArtifactLevel artifact={row} />,
      },
      {
        key: "verdict",
        title: say("verdict"),
        width: "104px",
        cell: (row) => <VerdictCell artifact={row} />,
      },
      {
        key: "kind",
        title: say("kind"),
        width: "110px",
        isExtra: true,
        cell: (row) => say(kindOf(row)),
      },
      {
        key: "size",
        title: say("size"),
        width: "72px",
        align: "end",
        cell: (row) => <Size bytes={row.size_bytes} />,
      },
      {
        key: "pushed",
        title: say(isElsewhere ? "firstSeen" : "pushed"),
        width: "108px",
        align: "end",
        sort: "pushed",
        cell: (row) => <TimeAgo time={row.pushed_at} />,
      },
      {
        key: "pulled",
        title: say("pulled"),
        width: "104px",
        align: "end",
        sort: "pulled",
        cell: (row) => <TimeAgo time={row.pulled_at} />,
      },
    ],
    [say, hasRepository, hasNamespace, isElsewhere],
  );
}

function Size({ bytes }: { bytes?: number }) {
  return bytes === undefined ? <span className="dim">–</span> : <Bytes bytes={bytes} />;
}

const TAGS_SHOWN = 4;

interface NameProps {
  artifact: ArtifactListed;
  hasRepository: boolean;
  hasNamespace: boolean;
}

function Name({ artifact, hasRepository, hasNamespace }: NameProps) {
  const say = useWords(namespaces);
  const { namespace, repository, digest, tags } = artifact;
  const part = usePart(artifact);
  const place = usePlace(namespace);
  const prefix = hasNamespace ? `${namespace}/${repository}` : repository;
  const kind = kindOf(artifact);
  // Without a tag it goes by its platform; beside the repository's name that would be too much for a line.
  const isByPlatform = !hasRepository && tags.length === 0;
  const bare = isByPlatform ? part?.platform : part && "";
  return (
    <span className={css.nameCell}>
      <span className={css.nameLine}>
        <Link to={to.artifact(namespace, repository, digest)} title={tags.join(", ")}>
          {hasRepository && <span className="dim">{`${prefix}${tags.length > 0 ? ":" : " "}`}</span>}
          {tags.length > 0 ? tags.slice(0, TAGS_SHOWN).join(", ") : <em>{bare ?? say("untagged")}</em>}
          {tags.length > TAGS_SHOWN && ` +${tags.length - TAGS_SHOWN}`}
        </Link>
        <CopyButton
          text={pullCommandsOf(place, artifact, tags[0])[0] ?? ""}
          label={say("copyPull", { name: tags[0] ?? digest.slice(7, 19) })}
        />
      </span>
      {part && <PartOf part={part} isByPlatform={isByPlatform} />}
      {kind === "index" && <Platforms artifact={artifact} />}
      {(kind === "chart" || kind === "other") && <span className="dim">{say(kind)}</span>}
    </span>
  );
}

/** The index to which an image belongs; its platform too, where the image does not go by that. */
function PartOf({ part: { index, platform }, isByPlatform }: { part: Part; isByPlatform: boolean }) {
  const say = useWords(namespaces);
  const address = to.artifact(index.namespace, index.repository, index.digest);
  const link = (
    <Link to={address} className="inText">
      {index.tags[0] ?? shortDigest(index.digest)}
    </Link>
  );
  return (
    <span className="dim">
      {!isByPlatform && platform && `${platform} · `}
      {say.rich("partOf", { index: link })}
    </span>
  );
}

/** For which platforms an index has images; read with what they come to together. */
function Platforms({ artifact: { namespace, repository, digest } }: { artifact: ArtifactListed }) {
  const say = useWords(namespaces);
  const overview = useOverview({ namespace, repository, reference: digest });
  const names = (overview.data?.platforms ?? []).flatMap((it) => it.platform ?? []);
  if (names.length === 0) return <span className="dim">{say("index")}</span>;
  const all = names.join(", ");
  return (
    <span className="dim" title={all}>
      {names.length > 2 ? say("platformCount", { count: names.length }) : all}
    </span>
  );
}
