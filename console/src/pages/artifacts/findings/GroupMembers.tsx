// The findings of a group, opened in its row.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { answer, api } from "~/api/client";
import type { Finding } from "~/api/types";
import { useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { plain } from "~/parts/Advisory";
import { SeverityBadge } from "~/parts/Severity";
import { Failure, Loading } from "~/parts/States";
import { ARTIFACT, resultKey } from "../artifact";
import { Status } from "./columns";
import { FindingDetails } from "./FindingDetails";
import css from "./findings.module.css";
import { addressOf, useHere } from "./here";
import { type FindingState, type GroupWord, membersOf, queryOf } from "./query";

const SHOWN = 50;

interface GroupMembersProps {
  by: GroupWord;
  group: string;
  state: FindingState;
  change: (next: Partial<FindingState>) => void;
}

export function GroupMembers({ by, group, state, change }: GroupMembersProps) {
  const say = useWords(words);
  const here = useHere();
  const wanted = { ...state, ...membersOf(by, group) };
  const list = useQuery({
    queryKey: resultKey(here, here.result, "group", by, group, state),
    queryFn: ({ signal }) =>
      answer(
        api.GET(`${ARTIFACT}/findings`, {
          params: { path: addressOf(here), query: { ...queryOf(wanted), limit: SHOWN } },
          signal,
        }),
      ),
  });
  if (list.error) return <Failure error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return <Loading rows={3} height={22} />;
  // A text is also found in others' ids; a group has those of one.
  const rows = list.data.items.filter((it) => by !== "vulnerability" || it.id === group);
  return (
    <div className={css.members}>
      {rows.map((it) => (
        <Member key={`${it.id} ${it.purl} ${it.path}`} finding={it} by={by} />
      ))}
      {(list.data.next || by !== "vulnerability") && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => change({ ...membersOf(by, group), by: "" })}
        >
          {say("asList")}
        </Button>
      )}
    </div>
  );
}

function Member({ finding, by }: { finding: Finding; by: GroupWord }) {
  const [isOpen, setOpen] = useState(false);
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <div className={css.member}>
      <button
        type="button"
        className={css.memberLine}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Arrow size={14} aria-hidden="true" />
        <SeverityBadge severity={finding.severity} />
        {by !== "vulnerability" && <span className={css.strong}>{finding.id}</span>}
        {by !== "package" && (
          <span>
            {plain(finding.package)} <span className="mono dim">{plain(finding.version)}</span>
          </span>
        )}
        {by === "package" && <span className="mono dim">{plain(finding.version)}</span>}
        {finding.fixable && finding.fixed_version ? (
          <span className={`mono ${css.fixed}`}>→ {plain(finding.fixed_version)}</span>
        ) : (
          <Status status={finding.status} />
        )}
        <span className={css.memberText}>
          {plain(by === "vulnerability" ? finding.path : (finding.summary ?? ""))}
        </span>
      </button>
      {isOpen && <FindingDetails finding={finding} />}
    </div>
  );
}
