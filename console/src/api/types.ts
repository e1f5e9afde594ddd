// The interface's types under their own names. Never written by hand: `npm run generate`.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type Affected = Schemas["Affected"];
export type Answer = Schemas["AnswerWord"];
export type ArtifactListed = Schemas["ArtifactListed"];
export type ArtifactOverview = Schemas["ArtifactOverview"];
export type AuditLine = Schemas["AuditLine"];
export type Engine = Schemas["EngineListed"];
export type Delivery = Schemas["Delivery"];
export type EpssOfDay = Schemas["EpssOfDay"];
export type Event = Schemas["Event"];
export type Exception = Schemas["Exception"];
export type Finding = Schemas["Finding"];
export type FindingGroup = Schemas["FindingGroup"];
export type FindingSummary = Schemas["FindingSummary"];
export type Found = Schemas["Found"];
export type Instance = Schemas["Instance"];
export type LayerListed = Schemas["LayerListed"];
export type LayerOrigin = Schemas["LayerOrigin"];
export type Namespace = Schemas["Namespace"];
export type PackageListed = Schemas["PackageListed"];
export type Permission = Schemas["PermissionWord"];
export type ProblemDetails = Schemas["ProblemDetails"];
export type Registry = Schemas["Registry"];
export type RegistrySet = Schemas["RegistrySet"];
export type Repository = Schemas["Repository"];
export type Robot = Schemas["Robot"];
export type ScanListed = Schemas["ScanListed"];
export type ScanState = Schemas["StateWord"];
export type ScanStatus = Schemas["ScanStatus"];
export type Session = Schemas["Session"];
export type Severity = Schemas["SeverityWord"];
export type Source = Schemas["Source"];
export type SourceSet = Schemas["SourceSet"];
export type Tag = Schemas["Tag"];
export type Token = Schemas["Token"];
export type User = Schemas["User"];
export type Verdict = Schemas["Verdict"];
export type VerdictSummary = Schemas["VerdictSummary"];
export type Webhook = Schemas["Webhook"];

/** Worst first: the order of every bar, table and legend. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "negligible", "unknown"];

export type AffectedPackage = Schemas["AffectedPackage"];
export type DatabaseFeed = Schemas["DatabaseFeed"];
export type Overview = Schemas["Overview"];
export type PullCheck = Schemas["PullCheck"];
export type RefusedPull = Schemas["RefusedPull"];
export type TrendDay = Schemas["TrendDay"];
export type Vulnerability = Schemas["Vulnerability"];
export type SignInProvider = Schemas["SignInProvider"];
export type DatabaseImported = Schemas["DatabaseImported"];
export type DatabaseSnapshot = Schemas["DatabaseSnapshot"];
export type DatabaseStatus = Schemas["DatabaseStatus"];
export type ScanEntry = Schemas["ScanEntry"];
export type ScanFigures = Schemas["ScanFigures"];
export type SnapshotDifference = Schemas["SnapshotDifference"];
