// The tabs of a namespace's page that are about what may be done in it.
import { lazyPage } from "~/lazyPage";
import type { NamespaceTab } from "../namespaces/tabs";
import { AUDIT, EXCEPTIONS, WEBHOOKS } from "./tabs";

export const SETTINGS_TABS: NamespaceTab[] = [
  { key: "scans", label: { en: "Scans", zh: "扫描" }, page: lazyPage(() => import("../scans/ScansTab")) },
  { key: "policy", label: { en: "Policy", zh: "策略" }, page: lazyPage(() => import("../policy/PolicyTab")) },
  { ...EXCEPTIONS, page: lazyPage(() => import("../policy/Exceptions")) },
  {
    key: "refused",
    label: { en: "Refused pulls", zh: "被拒绝的拉取" },
    page: lazyPage(() => import("../policy/RefusedTab")),
  },
  {
    key: "members",
    label: { en: "Members", zh: "成员" },
    page: lazyPage(() => import("./Members")),
    permission: "administer",
  },
  {
    key: "robots",
    label: { en: "Robots", zh: "机器人账户" },
    page: lazyPage(() => import("./RobotsTab")),
    permission: "administer",
  },
  { ...WEBHOOKS, page: lazyPage(() => import("./Webhooks")) },
  { ...AUDIT, page: lazyPage(() => import("./Audit")) },
  {
    key: "settings",
    label: { en: "Settings", zh: "设置" },
    page: lazyPage(() => import("./SettingsTab")),
    permission: "configure",
  },
];
