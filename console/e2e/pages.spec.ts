// Every page, in both languages, light and dark, wide and narrow: shown whole, accessible, photographed.
import type { Page } from "@playwright/test";
import { accessible, expect, photograph, READER, settled, signIn, test } from "./console";
import { Api, pull, push } from "./server";

const IMAGE = "/namespaces/shown/repositories/api/artifacts/1";
const MULTI = "/namespaces/platform/repositories/alpine/artifacts/multi";
const BROKEN = "/namespaces/shown/repositories/broken/artifacts/1";

/** Every page by a name for its picture. Whoever adds a page or a tab adds a row. */
const PAGES: Record<string, [string, string][]> = {
  overview: [
    ["overview", "/"],
    ["artifacts", "/artifacts?sort=severity"],
    ["refused", "/refused-pulls"],
    ["search", "/search?q=alpine"],
    ["search-vulnerability", "/search?q=CVE-2021-44228"],
    ["search-nothing", "/search?q=nothinglikethis"],
    ["package", "/packages/openssl"],
    ["vulnerability", "/vulnerabilities/CVE-2021-44228"],
    ["vulnerability-unknown", "/vulnerabilities/CVE-1999-99999"],
    ["why", "/why"],
    ["why-allowed", "/why?image=payments/ledger:7"],
    ["why-refused", "/why?image=shown/ledger:1"],
    ["not-found", "/nothing/here"],
  ],
  artifact: [
    ["findings", IMAGE],
    ["findings-by-vulnerability", `${IMAGE}?by=vulnerability`],
    ["findings-by-package", `${IMAGE}?by=package`],
    ["findings-by-layer", `${IMAGE}?by=layer`],
    ["findings-suppressed", `${IMAGE}?suppressed=yes`],
    ["findings-none", `${IMAGE}?q=nothinglikethis`],
    ["layers", `${IMAGE}?tab=layers`],
    ["packages", `${IMAGE}?tab=packages`],
    ["fix", `${IMAGE}?tab=fix`],
    ["history", `${IMAGE}?tab=history`],
    ["verdict", "/namespaces/shown/repositories/ledger/artifacts/1?tab=verdict"],
    ["log", `${IMAGE}?tab=log`],
    ["log-failed", `${BROKEN}?tab=log`],
    ["failed", BROKEN],
    ["compare", `${IMAGE}?tab=compare`],
    ["downloads", `${IMAGE}?tab=downloads`],
    ["index", MULTI],
    ["platforms", `${MULTI}?tab=platforms`],
    ["index-verdict", `${MULTI}?tab=verdict`],
    ["not-supported", "/namespaces/shown/repositories/chart/artifacts/1"],
  ],
  namespace: [
    ["namespaces", "/namespaces"],
    ["repositories", "/namespaces/shown"],
    ["repositories-listed", "/namespaces/listed"],
    ["repository", "/namespaces/shown/repositories/api"],
    ["namespace-artifacts", "/namespaces/shown?tab=artifacts"],
    ["namespace-scans", "/namespaces/shown?tab=scans"],
    ["policy", "/namespaces/shown?tab=policy"],
    ["policy-none", "/namespaces/lab?tab=policy"],
    ["exceptions", "/namespaces/shown?tab=exceptions"],
    ["exceptions-add", "/namespaces/shown?tab=exceptions&add=CVE-2024-3094"],
    ["namespace-refused", "/namespaces/shown?tab=refused"],
    ["members", "/namespaces/platform?tab=members"],
    ["robots", "/namespaces/shown?tab=robots"],
    ["webhooks", "/namespaces/shown?tab=webhooks"],
    ["namespace-audit", "/namespaces/shown?tab=audit"],
    ["settings", "/namespaces/shown?tab=settings"],
    ["settings-listed", "/namespaces/listed?tab=settings"],
  ],
  instance: [
    ["scans", "/scans"],
    ["scans-failed", "/scans?state=failed"],
    ["database", "/database"],
    ["snapshots", "/database?tab=snapshots"],
    ["users", "/administration"],
    ["roles", "/administration?tab=roles"],
    ["registries", "/administration?tab=registries"],
    ["exceptions-everywhere", "/administration?tab=exceptions"],
    ["webhooks-everywhere", "/administration?tab=webhooks"],
    ["audit", "/administration?tab=audit"],
    ["system", "/administration?tab=system"],
    ["account", "/account"],
  ],
};

const LOOKS = [
  { name: "en-light", language: "en", scheme: "light", width: 1280 },
  { name: "zh-dark", language: "zh", scheme: "dark", width: 1280 },
  { name: "en-dark-phone", language: "en", scheme: "dark", width: 390 },
  { name: "zh-light-phone", language: "zh", scheme: "light", width: 390 },
] as const;

/** A namespace with something of everything. */
test.beforeAll(async () => {
  test.setTimeout(240_000);
  const server = process.env.JOURNEY_SERVER ?? "";
  const api = new Api(server);
  if ((await api.status("GET", "/namespaces/shown")) === 200) return;
  await api.call("POST", "/namespaces", { name: "shown", auto_scan: true });
  await push(server, "debian-python-old", "shown/api:1");
  await push(server, "java-jars", "shown/ledger:1");
  await push(server, "hostile/diffid-wrong", "shown/broken:1");
  await push(server, "helm-artifact", "shown/chart:1");
  const policy = { severity: "high", known_exploited: "deny", grace_days: { high: 14 } };
  await api.call("PUT", "/namespaces/shown/policy", { policy });
  for (const [days, vulnerabilities] of [
    [3, ["CVE-2019-0001", "CVE-2022-40897"]],
    [90, ["CVE-2023-32681"]],
  ]) {
    const expires_at = `${new Date(Date.now() + Number(days) * 86_400_000).toISOString().slice(0, 19)}Z`;
    const reason = "Not reachable: the function is never called, see ticket 4711";
    await api.call("POST", "/namespaces/shown/exceptions", { vulnerabilities, reason, expires_at });
  }
  await api.call("POST", "/namespaces/shown/robots", { name: "builder" });
  await listed(api);
  await api.until<{ reasons: { findings?: unknown[] }[] }>(
    "/namespaces/shown/repositories/ledger/artifacts/1/verdict",
    ({ reasons }) => reasons.some((it) => (it.findings ?? []).length > 0),
  );
  await pull(server, "shown/ledger:1");
});

/** A namespace whose images lie in a registry of others, which does not answer. */
async function listed(api: Api): Promise<void> {
  const settings = { name: "harbor", host: "127.0.0.1:9", username: "robot", password: "secret" };
  const { id: registry } = await api.call<{ id: number }>("POST", "/registries", settings);
  await api.call("POST", `/registries/${registry}/check`);
  await api.call("POST", "/namespaces", { name: "listed", auto_scan: true });
  const repositories = ["library/*", "team/**"];
  await api.call("PUT", "/namespaces/listed/source", { registry, repositories, tags: ["v*", "latest"] });
}

for (const look of LOOKS) {
  for (const [group, pages] of Object.entries(PAGES)) {
    test(`every page is whole: ${look.name}: ${group}`, async ({ console: page }) => {
      test.setTimeout(600_000);
      await dressed(page, look);
      for (const [name, address] of pages) await test.step(name, () => whole(page, look.name, name, address));
      if (group === "artifact") await test.step("finding", () => opened(page, look.name));
    });
  }

  test(`who may not, is told so and how to go on: ${look.name}`, async ({ visitor: page }) => {
    test.setTimeout(120_000);
    await signIn(page, READER);
    await dressed(page, look);
    await whole(page, look.name, "forbidden", "/administration");
    await whole(page, look.name, "reader-not-found", "/namespaces/platform/repositories/alpine/artifacts/9");
    await whole(page, look.name, "reader-overview", "/");
    await whole(
      page,
      look.name,
      "reader-artifact",
      "/namespaces/platform/repositories/alpine/artifacts/3.20.3",
    );
  });
}

async function dressed(page: Page, look: (typeof LOOKS)[number]): Promise<void> {
  await page.setViewportSize({ width: look.width, height: 860 });
  await page.evaluate(
    ([language, scheme]) => {
      localStorage.setItem("plimsoll.language", language);
      localStorage.setItem("plimsoll.scheme", scheme);
    },
    [look.language, look.scheme] as const,
  );
}

async function whole(page: Page, look: string, name: string, address: string): Promise<void> {
  await page.goto(address);
  await settled(page);
  await shown(page, look, name);
}

async function shown(page: Page, look: string, name: string): Promise<void> {
  await photograph(page, `e2e/shots/${look}/${name}.png`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
  await accessible(page, name);
}

/** The page of findings with its first one opened. */
async function opened(page: Page, look: string): Promise<void> {
  await page.goto(IMAGE);
  await settled(page);
  await page.locator("main [role=table] button[aria-expanded]").first().click();
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await shown(page, look, "finding");
}
