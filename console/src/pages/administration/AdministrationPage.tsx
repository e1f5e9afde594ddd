// What concerns the whole instance: people, roles, exceptions, registries of others, webhooks, the audit log, and how it fares.
import { type ComponentType, Suspense } from "react";
import { usePermissions } from "~/api/session";
import { useLanguage, useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { type LazyPage, lazyPage } from "~/lazyPage";
import { PageHeader } from "~/parts/PageHeader";
import { Loading } from "~/parts/States";
import { TabBar } from "~/parts/TabBar";
import { useTab } from "~/parts/useTab";
import { Forbidden } from "~/shell/NotFound";
import { AUDIT, EXCEPTIONS, type Tab, WEBHOOKS } from "./tabs";

/** A tab whose part stands in a file with others. */
function part<K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K): LazyPage {
  return lazyPage(async () => ({ default: (await load())[name] }));
}

const TABS: Tab[] = [
  {
    key: "users",
    label: { en: "Users", zh: "用户" },
    page: lazyPage(() => import("./Users")),
    permission: "administer",
  },
  {
    key: "roles",
    label: { en: "Roles everywhere", zh: "全局角色" },
    page: lazyPage(() => import("./Roles")),
    permission: "administer",
  },
  {
    ...EXCEPTIONS,
    page: part(() => import("../policy/Exceptions"), "ExceptionsEverywhere"),
    permission: "read",
  },
  {
    key: "registries",
    label: { en: "Registries", zh: "镜像仓库" },
    page: lazyPage(() => import("./Registries")),
    permission: "configure",
  },
  { ...WEBHOOKS, page: part(() => import("./Webhooks"), "WebhooksEverywhere") },
  { ...AUDIT, page: part(() => import("./Audit"), "AuditEverywhere") },
  {
    key: "system",
    label: { en: "System", zh: "系统" },
    page: lazyPage(() => import("./System")),
    permission: "read",
  },
];

export default function AdministrationPage() {
  const say = useWords(shell);
  const { language } = useLanguage();
  const permissions = usePermissions();
  const tabs = TABS.filter((it) => it.permission === undefined || permissions.has(it.permission));
  const tab = useTab(tabs);
  if (tab === undefined) return <Forbidden permission="administer" />;
  return (
    <>
      <PageHeader title={say("administration")} />
      <TabBar
        label={say("administration")}
        active={tab.key}
        tabs={tabs.map((it, place) => ({
          key: it.key,
          label: it.label[language],
          warm: it.page.warm,
          to: place === 0 ? "/administration" : `/administration?tab=${it.key}`,
        }))}
      />
      <Suspense fallback={<Loading />}>
        <tab.page key={tab.key} />
      </Suspense>
    </>
  );
}
