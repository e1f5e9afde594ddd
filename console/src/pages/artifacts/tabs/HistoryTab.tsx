// What happened to an artifact: its push, its scans, what new databases changed for it, and each change of
// its verdict, with why.

import { useQuery } from "@tanstack/react-query";
import { Database, Gavel, ScanSearch, Upload } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import { answer, api } from "~/api/client";
import type { components } from "~/api/schema";
import type { Event } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { artifactFix } from "~/i18n/words/artifact-fix";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import { Digest } from "~/parts/Copy";
import { Said } from "~/parts/Said";
import { SeverityBadge } from "~/parts/Severity";
import { Cut, Failure, Loading } from "~/parts/States";
import { StateWord } from "~/parts/StateWord";
import { TimeAgo } from "~/parts/Values";
import { VerdictBadge } from "~/parts/VerdictBadge";
import { ARTIFACT, type ArtifactAddress, type ArtifactTabProps, keyOf } from "../artifact";
import { nameOf } from "../findings/fix";
import { useIsElsewhere } from "../place";
import { collapsed, type Entry } from "./history";
import css from "./tabs.module.css";

type Changed = components["schemas"]["HistoryDatabase"];
type Decided = components["schemas"]["HistoryVerdict"];
type Scanned = components["schemas"]["HistoryScan"];

const ICONS = { pushed: Upload, scan: ScanSearch, database: Database, verdict: Gavel };

export default function HistoryTab({ address }: ArtifactTabProps) {
  const history = useQuery({
    queryKey: keyOf(address, "history"),
    queryFn: ({ signal }) => answer(api.GET(`${ARTIFACT}/history`, { params: { path: address }, signal })),
  });
  if (history.error) return <Failure error={history.error} again={() => void history.refetch()} />;
  if (!history.data) return <Loading />;
  return (
    <>
      <ol className={css.timeline}>
        {collapsed(history.data.items).map((it, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several of a kind may come in one second
          <Row key={`${it.what} ${it.at} ${place}`} entry={it}>
            <What entry={it} address={address} />
          </Row>
        ))}
      </ol>
      <Cut isCut={history.data.is_cut} count={history.data.items.length} />
    </>
  );
}

function Row({ entry, children }: { entry: Entry; children: ReactNode }) {
  const format = useFormat();
  const Icon = ICONS[entry.what];
  return (
    <li>
      <span className={css.knot} aria-hidden="true">
        <Icon size={14} />
      </span>
      <div className={css.moment}>
        <div>{children}</div>
        <span className="dim">
          {format.dateTime(new Date(entry.at))} · <TimeAgo time={entry.at} />
        </span>
      </div>
    </li>
  );
}

function What({ entry, address }: { entry: Entry; address: ArtifactAddress }) {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const isElsewhere = useIsElsewhere(address.namespace);
  if (entry.scan) return <ScanEnded scan={entry.scan} address={address} />;
  if (entry.database) return <DatabaseChanged changed={entry.database} />;
  if (entry.verdict) return <VerdictChanged verdict={entry.verdict} at={entry.at} />;
  return <>{isElsewhere ? lists("firstSeen") : say("wasPushed")}</>;
}

function ScanEnded({ scan, address }: { scan: Scanned; address: ArtifactAddress }) {
  const say = useWords(words);
  const word = useWords(parts);
  const { namespace, repository, reference } = address;
  return (
    <span className="row">
      <StateWord state={scan.state} />
      <span className="dim">{say("askedBy", { by: scan.asked_by })}</span>
      {scan.has_log && (
        <Link to={to.artifact(namespace, repository, reference, { tab: "log", scan: String(scan.id) })}>
          {word("viewLog")}
        </Link>
      )}
    </span>
  );
}

function VerdictChanged({ verdict, at }: { verdict: Decided; at: string }) {
  const say = useWords(words);
  return (
    <>
      <VerdictBadge verdict={{ answer: verdict.answer, decided_at: at }} />
      {verdict.lowered && (
        <span className="dim"> {say(verdict.lowered === "dry_run" ? "loweredDryRun" : "loweredSpared")}</span>
      )}
      {verdict.reasons.length > 0 && (
        <ul className={css.reasonFindings}>
          {verdict.reasons.map((it) => (
            <li key={it}>
              <Said text={it} isShort />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function DatabaseChanged({ changed }: { changed: Changed }) {
  const say = useWords(artifactFix);
  const counts = [
    changed.appeared > 0 && say("appeared", { count: changed.appeared }),
    changed.gone > 0 && say("wentAway", { count: changed.gone }),
    changed.severity_changed > 0 && say("severityChanged", { count: changed.severity_changed }),
    changed.fix_available > 0 && say("fixAvailable", { count: changed.fix_available }),
  ].filter((it) => it !== false);
  return (
    <>
      <span className="row">
        <strong>{say("databaseChanged")}</strong>
        <Digest digest={changed.snapshot} />
        <span>{counts.join(" · ")}</span>
      </span>
      {changed.changes.length > 0 && (
        <details className={css.changes}>
          <summary>{say("whichChanges")}</summary>
          <ul className={css.reasonFindings}>
            {changed.changes.map((it) => (
              <li key={it.id}>
                <ChangeText event={it} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function ChangeText({ event }: { event: Event }) {
  const say = useWords(artifactFix);
  const word = useWords(parts);
  const { kind, severity, severity_before: before } = event;
  const what = {
    appeared: () => say("eventAppeared"),
    gone: () => say("eventGone"),
    severity_changed: () =>
      say("eventSeverity", { before: word(before ?? "unknown"), after: word(severity ?? "unknown") }),
    fix_available: () => say("eventFix"),
  }[kind]();
  return (
    <>
      <Link to={to.vulnerability(event.vulnerability)}>{event.vulnerability}</Link>{" "}
      {severity && <SeverityBadge severity={severity} />} {plain(nameOf(event.purl))}{" "}
      <span className="dim">{what}</span>
    </>
  );
}
