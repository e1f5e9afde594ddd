// Scans as people see them: S1 live, D3 (the states, in their words), a failed scan's log.
import { expect, LANGUAGES, settled, speak, test } from "./console";
import { push } from "./server";

const STATES = {
  en: {
    notScanned: "Not Scanned",
    notSupported: "Not Supported",
    failed: "Failed",
    complete: "Scan Complete",
    viewLog: "View log",
    log: "Log",
    running: /Queued|Scanning/,
    scanAgain: "Scan again",
  },
  zh: {
    notScanned: "未扫描",
    notSupported: "不支持",
    failed: "失败",
    complete: "扫描完成",
    viewLog: "查看日志",
    log: "日志",
    running: /排队中|扫描中/,
    scanAgain: "重新扫描",
  },
} as const;

for (const language of LANGUAGES) {
  test(`D3: the states in their words, and a failed scan's log: ${language}`, async ({
    console: page,
    server,
    api,
  }) => {
    const say = STATES[language];
    const namespace = `states-${language}`;
    await speak(page, language);
    await api.call("POST", "/namespaces", { name: namespace, auto_scan: false });
    await push(server, "busybox-musl", `${namespace}/waiting:1`);
    await push(server, "helm-artifact", `${namespace}/chart:1`);
    await push(server, "hostile/diffid-wrong", `${namespace}/broken:1`);
    await page.goto(`/namespaces/${namespace}?tab=artifacts`);
    const row = (repository: string) =>
      page.getByRole("row").filter({ has: page.getByRole("link", { name: new RegExp(`^${repository}:`) }) });
    await expect(row("waiting")).toContainText(say.notScanned);
    await expect(row("chart")).toContainText(say.notSupported);

    await api.call("POST", `/namespaces/${namespace}/repositories/broken/artifacts/1/scan`);
    await expect(row("broken")).toContainText(say.failed);
    await row("broken").getByRole("link", { name: say.viewLog }).click();
    await expect(page).toHaveURL(/tab=log/);
    const log = page.getByRole("region", { name: say.log, exact: true });
    await expect(log).toContainText("uncompressed it has the digest");
    await expect(log).toContainText("the image's configuration says");

    await page.goto(`/scans?state=failed`);
    await expect(
      page
        .getByRole("row")
        .filter({ hasText: `${namespace}/broken` })
        .first(),
    ).toBeVisible();
  });
}

test("S1: the switch is of the namespace: off scans nothing, on scans what is pushed, and it is seen", async ({
  console: page,
  server,
  api,
}) => {
  await api.call("POST", "/namespaces", { name: "switch", auto_scan: false });
  await push(server, "alpine-3.9.6", "switch/off:1");
  await page.goto("/namespaces/switch?tab=settings");
  await settled(page);
  await page.goto("/namespaces/switch?tab=artifacts");
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  await expect(row("off:1")).toContainText("Not Scanned");
  await page.goto("/namespaces/switch?tab=settings");
  await page.getByRole("switch", { name: "Scan what is pushed" }).click({ force: true });
  await page.getByRole("button", { name: /^Save/ }).first().click();
  await api.until<{ auto_scan: boolean }>("/namespaces/switch", ({ auto_scan }) => auto_scan);

  // From here on nobody touches the page; what passes through it is written down.
  await page.goto("/namespaces/switch?tab=artifacts");
  await settled(page);
  await page.evaluate(() => {
    const seen: string[] = [];
    (window as unknown as { seen: string[] }).seen = seen;
    new MutationObserver(() => {
      for (const row of document.querySelectorAll("[role=row]")) {
        const text = row.textContent ?? "";
        if (text.includes("on:1") && seen.at(-1) !== text) seen.push(text);
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await push(server, "debian-slim", "switch/on:1");
  // Turning it on has everything scanned that was not.
  for (const name of ["on:1", "off:1"]) {
    await expect(row(name).getByRole("link", { name: /vulnerabilit/ })).toBeVisible({ timeout: 60_000 });
  }
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  console.log(`the row, as it changed: ${seen.map((it) => it.slice(0, 60)).join(" | ")}`);
});

test("D3: a scan that is stopped says so, and can be asked for again", async ({
  console: page,
  server,
  api,
}) => {
  // Six images, some of them large, on a machine that may be busy.
  test.setTimeout(300_000);
  await api.call("POST", "/namespaces", { name: "stopping", auto_scan: false });
  // Many at once, so that the last ones wait; what waits can be stopped before it is done.
  const images = ["debian-slim", "node-old", "java-jars", "debian-python-old", "large", "layers-whiteouts"];
  for (const image of images) await push(server, image, `stopping/${image}:1`);
  await page.goto("/namespaces/stopping?tab=artifacts");
  await settled(page);
  await api.call("POST", "/namespaces/stopping/scans");
  await api.call("DELETE", "/namespaces/stopping/scans");
  const stopped = page.getByRole("row").filter({ hasText: "Stopped" }).first();
  await expect(stopped).toBeVisible();
  await stopped.getByRole("button", { name: "Scan", exact: true }).click();
  await expect(
    page
      .getByRole("row")
      .filter({ hasText: /Queued|Scanning|vulnerabilit/ })
      .first(),
  ).toBeVisible();
});
