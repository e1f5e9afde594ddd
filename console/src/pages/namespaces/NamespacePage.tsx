// One namespace: its repositories, its artifacts, and what else has a row in the table of tabs.
import { Suspense } from "react";
import { useParams, useSearchParams } from "react-router";
import { to } from "~/addresses";
import { usePermissions } from "~/api/session";
import type { Namespace } from "~/api/types";
import { useFormat, useLanguage, useWords } from "~/i18n";
import { namespaces } from "~/i18n/words/namespaces";
import { lazyPage } from "~/lazyPage";
import { SafeLink } from "~/parts/Advisory";
import { PageHeader } from "~/parts/PageHeader";
import { Loading } from "~/parts/States";
import { TabBar } from "~/parts/TabBar";
import { PageFailure } from "~/shell/NotFound";
import { PushButton } from "./PushButton";
import { NAMESPACE_TABS } from "./tabs";
import { useNamespace } from "./useNamespace";

export default function NamespacePage() {
  const say = useWords(namespaces);
  const format = useFormat();
  const { language } = useLanguage();
  const { namespace: name = "" } = useParams();
  const [search] = useSearchParams();
  const found = useNamespace(name);
  const permissions = usePermissions(name);
  if (found.error) return <PageFailure error={found.error} again={() => void found.refetch()} />;

  const namespace = found.data;
  const tabs = NAMESPACE_TABS.filter((it) => it.permission === undefined || permissions.has(it.permission));
  const active = tabs.find((it) => it.key === search.get("tab")) ?? tabs[0];
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[{ label: say("title"), to: "/namespaces" }]}
        actions={namespace && <Action namespace={namespace} />}
        lead={
          namespace && (
            <span className="row">
              <span>{say(namespace.public ? "isPublic" : "isPrivate")}</span>
              <span aria-hidden="true">·</span>
              {namespace.source_host && (
                <>
                  <span>
                    {say.rich("listedFrom", {
                      host: (
                        <SafeLink href={`https://${namespace.source_host}/`}>
                          {namespace.source_host}
                        </SafeLink>
                      ),
                    })}
                  </span>
                  <span aria-hidden="true">·</span>
                </>
              )}
              <span>{say(scanWord(namespace))}</span>
              <span aria-hidden="true">·</span>
              <span>
                {namespace.quota_bytes
                  ? say("storageOf", {
                      used: format.bytes(namespace.used_bytes),
                      quota: format.bytes(namespace.quota_bytes),
                    })
                  : say("stored", { size: format.bytes(namespace.used_bytes) })}
              </span>
            </span>
          )
        }
      />
      <TabBar
        label={name}
        active={active?.key ?? ""}
        tabs={tabs.map((it, place) => ({
          key: it.key,
          label: it.label[language],
          warm: it.page.warm,
          to: to.namespace(name, place === 0 ? undefined : it.key),
        }))}
      />
      {namespace && active ? (
        <Suspense fallback={<Loading />}>
          {namespace.source_host && isList(active.key) && <Listed namespace={name} />}
          <active.page key={active.key} namespace={namespace} />
        </Suspense>
      ) : (
        <Loading />
      )}
    </>
  );
}

/** How images get here: they are pushed, or looked for where they lie. */
function Action({ namespace: { name, source_host } }: { namespace: Namespace }) {
  if (!source_host) return <PushButton namespace={name} />;
  return (
    <Suspense>
      <LookNow namespace={name} />
    </Suspense>
  );
}

const Listed = lazyPage<{ namespace: string }>(() => import("./Listed"));
const LookNow = lazyPage<{ namespace: string }>(async () => ({
  default: (await import("../administration/LookNow")).LookNow,
}));

/** Whether a tab shows what lies in a namespace. */
const isList = (tab: string) => tab === "repositories" || tab === "artifacts";

function scanWord({ auto_scan, source_host }: Namespace) {
  if (!auto_scan) return "autoScanIsOff";
  return source_host ? "newIsScanned" : "autoScanIsOn";
}
