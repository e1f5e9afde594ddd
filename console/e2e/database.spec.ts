// S6: the time of every feed is seen, a newer database is believed at once, and a scan again has it, too.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN, expect, LANGUAGES, settled, signIn, speak, test } from "./console";
import { Api, exported, push, start } from "./server";

interface Feed {
  name: string;
  title: string;
  accepted_at?: string | null;
  newest?: string | null;
}

for (const language of LANGUAGES) {
  const columns = {
    en: ["Newest entry", "Fetched", "Next", "Records"],
    zh: ["最新条目", "获取时间", "下次", "记录"],
  };
  test(`S6: every feed is there with its time: ${language}`, async ({ console: page, api }) => {
    await speak(page, language);
    const { feeds } = await api.call<{ feeds: Feed[] }>("GET", "/database");
    expect(feeds.length).toBeGreaterThan(20);
    await page.goto("/database");
    await settled(page);
    for (const title of columns[language]) {
      await expect(page.getByRole("columnheader", { name: title })).toBeVisible();
    }
    for (const { name, accepted_at } of feeds.filter((_, place) => place % 16 === 0)) {
      await page.goto(`/database?q=${name}`);
      const called = page.getByText(name, { exact: true });
      const row = page.getByRole("row").filter({ has: called }).first();
      await expect(row).toBeVisible();
      // Not rounded away: the time as it is stands behind the words.
      if (accepted_at) await expect(row.locator(`time[datetime="${accepted_at}"]`).first()).toBeVisible();
    }
  });
}

test("S6: a newer database answers without another scan, and a scan again gives the same", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-feeds-"));
  const [before, newer] = await Promise.all([
    exported("osv-go", join(folder, "before.tar")),
    exported("alpine", join(folder, "newer.tar")),
  ]);
  const server = await start({ bundle: before });
  const context = await browser.newContext({ baseURL: server.url });
  try {
    const api = new Api(server.url);
    await api.call("POST", "/namespaces", { name: "team", auto_scan: true });
    await push(server.url, "alpine-3.12.12", "team/app:1");
    const image = "/namespaces/team/repositories/app/artifacts/1";
    const total = async () =>
      (await api.call<{ artifact: { summary?: { total: number } } }>("GET", image)).artifact.summary?.total;
    await api.until<{ artifact: { scan: { state: string } } }>(
      image,
      ({ artifact }) => artifact.scan.state === "complete",
    );
    expect(await total()).toBe(0);
    const scans = async () => (await api.call<{ items: unknown[] }>("GET", `${image}/scans`)).items.length;
    const asked = await scans();

    const [list, database] = [await context.newPage(), await context.newPage()];
    await signIn(list, ADMIN);
    await list.goto("/namespaces/team/repositories/app");
    await settled(list);
    await expect(list.getByRole("link", { name: /vulnerabilities/ })).toContainText("No vulnerabilities");

    await database.goto("/database");
    await database.getByRole("button", { name: "Import a bundle" }).click();
    const form = database.getByRole("dialog");
    await form.locator("input[type=file]").setInputFiles(newer);
    await form.getByRole("checkbox", { name: "Take it unsigned" }).check();
    await form.getByRole("button", { name: "Import", exact: true }).click();
    await expect(database.getByText(/Snapshot #\d+, built .+, is in use/)).toBeVisible({ timeout: 60_000 });

    // The list stands open, and nobody scans.
    await expect(list.getByRole("link", { name: /\d+ vulnerabilit/ })).toBeVisible({ timeout: 60_000 });
    expect(await scans()).toBe(asked);
    const now = await total();
    expect(now).toBeGreaterThan(0);

    await list.goto(image);
    await list.getByRole("button", { name: "Scan again" }).click();
    await api.until(
      `${image}/scans`,
      ({ items }: { items: { state: string }[] }) =>
        items.length > asked && items.every((it) => it.state === "complete"),
    );
    expect(await total()).toBe(now);
  } finally {
    await context.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
