// What belongs to an artifact: the tags that lead to it, where each has pointed before, and what speaks of
// it: signatures, bills of materials, attestations.
import { Button } from "@mantine/core";
import { Tag as TagIcon } from "lucide-react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import { usePages } from "~/api/pages";
import type { components } from "~/api/schema";
import { useFormat, useWords } from "~/i18n";
import { artifactRelated } from "~/i18n/words/artifact-related";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import { CopyButton, Digest, shortDigest } from "~/parts/Copy";
import { Failure, Loading } from "~/parts/States";
import { Bytes, TimeAgo } from "~/parts/Values";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, keyOf } from "../artifact";
import { usePlace } from "../place";
import { kindOfReferrer } from "./referrers";
import css from "./tabs.module.css";

type TagMove = components["schemas"]["TagMove"];
type Referrer = components["schemas"]["Referrer"];

/** So many tags are shown with their history at once. */
const TAGS_MAX = 20;

export default function RelatedTab({ address, overview }: ArtifactTabProps) {
  const say = useWords(artifactRelated);
  const { tags } = overview.artifact;
  return (
    <div className="stack">
      <section className={`card ${css.related}`} aria-labelledby="tags">
        <h2 id="tags">{say("tags")}</h2>
        {tags.length === 0 ? (
          <p className="dim">{say("noTags")}</p>
        ) : (
          <ul className={css.tags}>
            {tags.slice(0, TAGS_MAX).map((tag) => (
              <TagHistory key={tag} address={address} tag={tag} />
            ))}
          </ul>
        )}
        {tags.length > TAGS_MAX && <p className="dim">{tags.slice(TAGS_MAX).join(", ")}</p>}
      </section>
      <Referrers address={address} />
    </div>
  );
}

function TagHistory({ address, tag }: { address: ArtifactAddress; tag: string }) {
  const say = useWords(artifactRelated);
  const word = useWords(parts);
  const { namespace, repository } = address;
  const moves = usePages(["artifacts", namespace, repository, "tag", tag], (cursor, signal) =>
    answer(
      api.GET("/namespaces/{namespace}/repositories/{repository}/tags/{tag}/history", {
        params: { path: { namespace, repository, tag }, query: { cursor, limit: 20 } },
        signal,
      }),
    ),
  );
  const name = `${usePlace(namespace)(address)}:${tag}`;
  return (
    <li>
      <div className="row">
        <TagIcon size={14} aria-hidden="true" />
        <strong className="mono">{tag}</strong>
        <CopyButton text={name} label={say("copyName", { name })} />
      </div>
      {moves.error ? (
        <Failure error={moves.error} again={moves.again} />
      ) : moves.isPending ? (
        <Loading rows={1} height={18} />
      ) : (
        <ol className={css.moves}>
          {moves.items.map((it, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a tag may go to and fro within a second
            <Move key={`${it.moved_at} ${it.digest} ${place}`} move={it} address={address} />
          ))}
        </ol>
      )}
      {moves.hasMore && (
        <Button size="compact-xs" variant="subtle" loading={moves.isReadingMore} onClick={moves.more}>
          {word("loadMore")}
        </Button>
      )}
    </li>
  );
}

function Move({ move, address }: { move: TagMove; address: ArtifactAddress }) {
  const say = useWords(artifactRelated);
  const format = useFormat();
  const { namespace, repository, reference } = address;
  const by = plain(move.actor.replace(/^user\//, ""));
  return (
    <li>
      {move.digest == null ? (
        say("tagDeleted")
      ) : move.digest === reference ? (
        <strong>{say("tagHere")}</strong>
      ) : (
        <Link className="mono" to={to.artifact(namespace, repository, move.digest)}>
          {shortDigest(move.digest)}
        </Link>
      )}{" "}
      <span className="dim" title={format.dateTime(new Date(move.moved_at))}>
        <TimeAgo time={move.moved_at} /> · {say("by", { name: by })}
      </span>{" "}
      {move.digest != null && move.digest !== reference && (
        <Link to={to.artifact(namespace, repository, reference, { tab: "compare", with: move.digest })}>
          {say("compare")}
        </Link>
      )}
    </li>
  );
}

function Referrers({ address }: { address: ArtifactAddress }) {
  const say = useWords(artifactRelated);
  const word = useWords(parts);
  const list = usePages(keyOf(address, "referrers"), (cursor, signal) =>
    answer(
      api.GET(`${ARTIFACT}/referrers`, {
        params: { path: address, query: { cursor, limit: 100 } },
        signal,
      }),
    ),
  );
  return (
    <section className={`card ${css.related}`} aria-labelledby="attached">
      <h2 id="attached">{say("attached")}</h2>
      {list.error ? (
        <Failure error={list.error} again={list.again} />
      ) : list.isPending ? (
        <Loading rows={2} />
      ) : list.items.length === 0 ? (
        <p className="dim">
          {say("noneAttached")} {say("attachedHelp")}
        </p>
      ) : (
        <div className={css.scroll}>
          <table className={css.matrix}>
            <caption className="unseen">{say("attached")}</caption>
            <thead>
              <tr>
                <th scope="col">{say("kind")}</th>
                <th scope="col">{say("digest")}</th>
                <th scope="col" className="number">
                  {say("size")}
                </th>
                <th scope="col" className="number">
                  {say("pushed")}
                </th>
              </tr>
            </thead>
            <tbody>
              {list.items.map((it) => (
                <ReferrerRow key={it.digest} referrer={it} address={address} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasMore && (
        <Button size="compact-sm" variant="default" loading={list.isReadingMore} onClick={list.more}>
          {word("loadMore")}
        </Button>
      )}
    </section>
  );
}

function ReferrerRow({ referrer, address }: { referrer: Referrer; address: ArtifactAddress }) {
  const say = useWords(artifactRelated);
  const type = referrer.artifact_type ?? referrer.media_type;
  return (
    <tr>
      <th scope="row">
        <Link to={to.artifact(address.namespace, address.repository, referrer.digest)}>
          {say(kindOfReferrer(type))}
        </Link>{" "}
        <span className="mono dim">{plain(type)}</span>
      </th>
      <td>
        <Digest digest={referrer.digest} />
      </td>
      <td className="number">
        <Bytes bytes={referrer.size_bytes} />
      </td>
      <td className="number">
        <TimeAgo time={referrer.pushed_at} />
      </td>
    </tr>
  );
}
