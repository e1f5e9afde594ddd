// The tabs of a namespace's page: one row adds one. Shown to whoever has the permission there.

import type { Namespace } from "~/api/types";
import { lazyPage } from "~/lazyPage";
import { SETTINGS_TABS } from "../administration/namespaceTabs";
import type { Tab } from "../administration/tabs";

export interface NamespaceTabProps {
  namespace: Namespace;
}

export type NamespaceTab = Tab<NamespaceTabProps>;

export const NAMESPACE_TABS: NamespaceTab[] = [
  {
    key: "repositories",
    label: { en: "Repositories", zh: "仓库" },
    page: lazyPage(() => import("./RepositoriesTab")),
  },
  {
    key: "artifacts",
    label: { en: "All artifacts", zh: "所有制品" },
    page: lazyPage(() => import("./ArtifactsTab")),
  },
  ...SETTINGS_TABS,
];
