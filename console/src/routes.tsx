// Every page of the console: one row adds one. Pages are loaded when they are first opened.
//
// The addresses stand in messages of the registry and in webhooks (an image that may not be pulled names
// its page), so they stay what they are.
import { type LazyPage, lazyPage } from "./lazyPage";

export interface RouteRow {
  path: string;
  page: LazyPage;
  /** Which entry of the navigation is marked. */
  section?: Section;
}

export type Section = "overview" | "namespaces" | "scans" | "database" | "administration" | "why";

export const ROUTES: RouteRow[] = [
  { path: "/", page: lazyPage(() => import("./pages/overview/OverviewPage")), section: "overview" },
  {
    path: "/artifacts",
    page: lazyPage(() => import("./pages/artifacts/ArtifactsPage")),
    section: "overview",
  },
  {
    path: "/refused-pulls",
    page: lazyPage(() => import("./pages/overview/RefusedPullsPage")),
    section: "overview",
  },
  { path: "/search", page: lazyPage(() => import("./pages/search/SearchPage")) },
  { path: "/packages/:package", page: lazyPage(() => import("./pages/packages/PackagePage")) },
  {
    path: "/vulnerabilities/:vulnerability",
    page: lazyPage(() => import("./pages/vulnerability/VulnerabilityPage")),
  },
  { path: "/why", page: lazyPage(() => import("./pages/why/WhyPage")), section: "why" },
  {
    path: "/namespaces",
    page: lazyPage(() => import("./pages/namespaces/NamespacesPage")),
    section: "namespaces",
  },
  {
    path: "/namespaces/:namespace",
    page: lazyPage(() => import("./pages/namespaces/NamespacePage")),
    section: "namespaces",
  },
  // A repository's name has any number of parts: RepositoryAddress takes the rest apart from the right.
  {
    path: "/namespaces/:namespace/repositories/*",
    page: lazyPage(() => import("./pages/repositories/RepositoryRoute")),
    section: "namespaces",
  },
  { path: "/scans", page: lazyPage(() => import("./pages/scans/ScansPage")), section: "scans" },
  { path: "/database", page: lazyPage(() => import("./pages/database/DatabasePage")), section: "database" },
  {
    path: "/administration",
    page: lazyPage(() => import("./pages/administration/AdministrationPage")),
    section: "administration",
  },
  { path: "/account", page: lazyPage(() => import("./pages/account/AccountPage")) },
];
