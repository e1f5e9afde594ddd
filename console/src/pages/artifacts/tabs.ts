// The tabs of an artifact's page: one row adds one.

import type { ArtifactOverview } from "~/api/types";
import { type LazyPage, lazyPage } from "~/lazyPage";
import { type ArtifactTabProps, isIndex } from "./artifact";

export interface ArtifactTab {
  /** Its word in the address; the first tab has none there. */
  key: string;
  label:
    | "findings"
    | "platforms"
    | "layers"
    | "packages"
    | "fix"
    | "related"
    | "history"
    | "verdict"
    | "log"
    | "downloads"
    | "compare";
  page: LazyPage<ArtifactTabProps>;
  /** Whether an artifact has it; every one has, unless said. */
  fits?: (overview: ArtifactOverview) => boolean;
  /** Whether it shows what a scan has found. */
  needsReport?: boolean;
}

const isScannable = (overview: ArtifactOverview) => overview.artifact.scan.state !== "not_supported";

export const ARTIFACT_TABS: ArtifactTab[] = [
  {
    key: "findings",
    label: "findings",
    page: lazyPage(() => import("./tabs/FindingsTab")),
    needsReport: true,
    fits: isScannable,
  },
  {
    key: "platforms",
    label: "platforms",
    page: lazyPage(() => import("./tabs/PlatformsTab")),
    fits: isIndex,
  },
  {
    key: "layers",
    label: "layers",
    page: lazyPage(() => import("./tabs/LayersTab")),
    needsReport: true,
    fits: isScannable,
  },
  {
    key: "packages",
    label: "packages",
    page: lazyPage(() => import("./tabs/PackagesTab")),
    needsReport: true,
    fits: isScannable,
  },
  {
    key: "fix",
    label: "fix",
    page: lazyPage(() => import("./tabs/FixTab")),
    needsReport: true,
    fits: isScannable,
  },
  { key: "related", label: "related", page: lazyPage(() => import("./tabs/RelatedTab")) },
  { key: "history", label: "history", page: lazyPage(() => import("./tabs/HistoryTab")) },
  { key: "verdict", label: "verdict", page: lazyPage(() => import("./tabs/VerdictTab")) },
  { key: "log", label: "log", page: lazyPage(() => import("./tabs/LogTab")), fits: isScannable },
  {
    key: "compare",
    label: "compare",
    page: lazyPage(() => import("./tabs/CompareTab")),
    needsReport: true,
    fits: isScannable,
  },
  {
    key: "downloads",
    label: "downloads",
    page: lazyPage(() => import("./tabs/DownloadsTab")),
    needsReport: true,
    fits: isScannable,
  },
];
