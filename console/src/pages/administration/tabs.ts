// The tabs that a namespace and the whole instance both have, and what a tab is.
import type { Permission } from "~/api/types";
import type { Language } from "~/i18n";
import type { LazyPage } from "~/lazyPage";

export interface Tab<Props = object> {
  /** Its word in the address; the first tab has none there. */
  key: string;
  label: Record<Language, string>;
  page: LazyPage<Props>;
  /** Without one, whoever may read sees it. */
  permission?: Permission;
}

export const EXCEPTIONS = { key: "exceptions", label: { en: "Exceptions", zh: "例外" } };
export const WEBHOOKS = {
  key: "webhooks",
  label: { en: "Webhooks", zh: "Webhook" },
  permission: "configure",
} as const;
export const AUDIT = {
  key: "audit",
  label: { en: "Audit log", zh: "审计日志" },
  permission: "administer",
} as const;
