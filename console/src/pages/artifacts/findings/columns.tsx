// The columns of findings, and of their groups.
import { Flame } from "lucide-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { to } from "~/addresses";
import type { Finding, FindingGroup } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { artifact as words } from "~/i18n/words/artifact";
import { namespaces } from "~/i18n/words/namespaces";
import { parts } from "~/i18n/words/parts";
import { plain } from "~/parts/Advisory";
import type { Column } from "~/parts/DataTable";
import { SeverityBadge } from "~/parts/Severity";
import css from "./findings.module.css";
import { nameOf, typeOf } from "./fix";
import type { GroupWord } from "./query";

export function useFindingColumns(isIndex: boolean): Column<Finding>[] {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "id",
        title: say("vulnerability"),
        width: "minmax(190px, 2.4fr)",
        sort: "id",
        cell: (row) => <Id finding={row} />,
      },
      {
        key: "severity",
        title: lists("severity"),
        width: "112px",
        sort: "severity",
        isFixed: true,
        cell: (row) => <SeverityBadge severity={row.severity} />,
      },
      {
        key: "package",
        title: say("package"),
        width: "minmax(130px, 1.5fr)",
        sort: "package",
        cell: (row) => <Package finding={row} />,
      },
      {
        key: "fix",
        title: say("fixedIn"),
        width: "minmax(100px, 1.1fr)",
        cell: (row) => <Fix finding={row} />,
      },
      {
        key: "layer",
        title: say("layer"),
        width: "60px",
        align: "end",
        cell: (row) =>
          row.layer ? <span title={plain(row.layer.instruction ?? "")}>{row.layer.index + 1}</span> : "–",
      },
      {
        key: "epss",
        title: "EPSS",
        width: "68px",
        align: "end",
        sort: "epss",
        cell: (row) => (row.epss == null ? <None /> : format.percent(row.epss, row.epss < 0.1 ? 1 : 0)),
      },
      {
        key: "cvss",
        title: "CVSS",
        width: "54px",
        align: "end",
        cell: (row) => (row.cvss_score == null ? <None /> : row.cvss_score.toFixed(1)),
      },
      ...(isIndex
        ? [
            {
              key: "platforms",
              title: say("platforms"),
              width: "minmax(110px, 1fr)",
              cell: (row: Finding) => (
                <span className="truncate" title={row.platforms.join(", ")} style={{ display: "block" }}>
                  {row.platforms.length > 2
                    ? say("platformCount", { count: row.platforms.length })
                    : row.platforms.join(", ")}
                </span>
              ),
            },
          ]
        : []),
      {
        key: "status",
        title: say("status"),
        width: "130px",
        isExtra: true,
        cell: (row) => <Status status={row.status} />,
      },
      {
        key: "source",
        title: say("severitySource"),
        width: "110px",
        isExtra: true,
        cell: (row) => row.severity_source,
      },
      {
        key: "path",
        title: say("path"),
        width: "minmax(160px, 2fr)",
        isExtra: true,
        cell: (row) => (
          <span className={`mono ${css.path}`} title={plain(row.path)}>
            {plain(row.path)}
          </span>
        ),
      },
    ],
    [say, lists, format, isIndex],
  );
}

const None = () => <span className="dim">–</span>;

function Id({ finding }: { finding: Finding }) {
  const word = useWords(parts);
  const say = useWords(words);
  const summary = finding.summary && plain(finding.summary);
  return (
    <div className={css.id}>
      <span className={css.ids}>
        <Link to={to.vulnerability(finding.id)}>{finding.id}</Link>
        {finding.exploited && (
          <span className={css.exploited} title={word("exploitedWhy")}>
            <Flame size={12} aria-hidden="true" />
            {word("exploited")}
          </span>
        )}
        {!finding.certain && (
          <span className={css.uncertain} title={say("uncertain")}>
            {say("possible")}
          </span>
        )}
        {finding.class === "malware" && <span className={css.exploited}>{say("malware")}</span>}
      </span>
      {summary && (
        <span className={css.line} title={summary}>
          {summary}
        </span>
      )}
    </div>
  );
}

function Package({ finding }: { finding: Finding }) {
  return (
    <div className={css.id}>
      <span className={css.strong}>{plain(finding.package)}</span>
      <span className={css.line}>
        <span className="mono">{plain(finding.version)}</span> · {typeOf(finding.purl)}
      </span>
    </div>
  );
}

function Fix({ finding }: { finding: Finding }) {
  if (finding.fixed_version && finding.fixable) {
    return <span className={`mono ${css.fixed}`}>{plain(finding.fixed_version)}</span>;
  }
  return <Status status={finding.status} />;
}

const STATUSES = [
  "fixed",
  "affected",
  "will_not_fix",
  "fix_deferred",
  "end_of_life",
  "under_investigation",
  "not_affected",
] as const;

/** What the vendor says, in words; a word that is new to us as it is. */
export function Status({ status }: { status: string }) {
  const say = useWords(words);
  const known = STATUSES.find((it) => it === status);
  return <span className="dim">{known ? say(`status_${known}`) : status}</span>;
}

export function useGroupColumns(by: GroupWord): Column<FindingGroup>[] {
  const say = useWords(words);
  const lists = useWords(namespaces);
  const word = useWords(parts);
  const format = useFormat();
  return useMemo(
    () => [
      {
        key: "key",
        title: say(by),
        width: "minmax(200px, 2.4fr)",
        cell: (row) => <GroupName by={by} group={row} />,
      },
      {
        key: "severity",
        title: lists("severity"),
        width: "112px",
        isFixed: true,
        cell: (row) => <SeverityBadge severity={row.severity} />,
      },
      {
        key: "findings",
        title: say("findings"),
        width: "116px",
        align: "end",
        cell: (row) => format.number(row.findings),
      },
      {
        key: "fixable",
        title: word("fixable"),
        width: "80px",
        align: "end",
        cell: (row) => format.number(row.fixable),
      },
      {
        key: "members",
        title: say(by === "vulnerability" ? "packages" : "vulnerabilities"),
        width: "minmax(160px, 2fr)",
        cell: (row) => {
          const names = row.members.map((it) => (by === "vulnerability" ? nameOf(it) : it));
          const all = names.join(", ");
          return (
            <span className={css.line} title={plain(all)}>
              {plain(all)}
            </span>
          );
        },
      },
      ...(by === "layer"
        ? []
        : [
            {
              key: "fix",
              title: say("fixedIn"),
              width: "minmax(110px, 1.2fr)",
              cell: (row: FindingGroup) =>
                row.fixed_versions.length === 0 ? (
                  <None />
                ) : (
                  <span className={`mono ${css.fixed} ${css.path}`} title={row.fixed_versions.join(", ")}>
                    {plain(row.fixed_versions.join(", "))}
                  </span>
                ),
            },
          ]),
    ],
    [say, lists, word, format, by],
  );
}

function GroupName({ by, group }: { by: GroupWord; group: FindingGroup }) {
  const say = useWords(words);
  if (by === "layer") {
    if (!group.layer) return <em className="dim">{say("noLayer")}</em>;
    const instruction = plain(group.layer.instruction ?? say("noInstruction"));
    return (
      <div className={css.id}>
        <span className={css.strong}>{say("layerNumber", { number: group.layer.index + 1 })}</span>
        <span className={`${css.line} mono`} title={instruction}>
          {instruction}
        </span>
      </div>
    );
  }
  if (by === "package") return <span className={css.strong}>{plain(group.key)}</span>;
  return (
    <div className={css.id}>
      <Link to={to.vulnerability(group.key)}>{group.key}</Link>
      {group.summary && (
        <span className={css.line} title={plain(group.summary)}>
          {plain(group.summary)}
        </span>
      )}
    </div>
  );
}
