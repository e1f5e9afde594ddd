// The sentences that must hold, walked by hand: S1 to S3 and S7, roles, and what happens before signing in.
import { ADMIN, expect, READER, settled, signIn, test } from "./console";
import { pull, push } from "./server";

test("who mistypes is told so, and who signs in stays so when the page is loaded again", async ({
  visitor: page,
}) => {
  await page.goto("/namespaces/platform");
  await page.locator("input[name=username]").fill(ADMIN.name);
  await page.locator("input[name=password]").fill("wrong");
  await page.locator("button[type=submit]").click();
  await expect(page.getByRole("alert")).toHaveText("Name or password is wrong.");
  await page.locator("input[name=password]").fill(ADMIN.password);
  await page.keyboard.press("Enter");
  // The address that was asked for is where one is afterwards.
  await expect(page.getByRole("heading", { name: "platform" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "platform" })).toBeVisible();
  await page.getByRole("button", { name: "Account of admin" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.locator("input[name=username]")).toBeVisible();
});

test("who could not be signed in elsewhere reads why, once", async ({ visitor: page }) => {
  await page.goto("/namespaces/platform?refused=no-account");
  await expect(page.getByRole("alert").first()).toHaveText(
    "You have no account here. Ask whoever runs this server.",
  );
  expect(page.url()).not.toContain("refused");
  await page.goto("/sign-in?refused=something-new");
  await expect(page.getByRole("alert").first()).toHaveText("The sign-in was refused (something-new).");
  // Anybody can send somebody a link: what is no code is not shown.
  await page.goto("/?refused=Call%20555-1234");
  await expect(page.locator("input[name=username]")).toBeVisible();
  await expect(page.getByText("555-1234")).toHaveCount(0);
});

test("S1, S3: what is pushed appears, is scanned and shows its level, with nobody touching the page", async ({
  console: page,
  server,
}) => {
  await page.goto("/namespaces/platform/repositories/live");
  await settled(page);
  await push(server, "alpine-3.12.12", "platform/live:1");
  const row = page
    .getByRole("row")
    .filter({ hasText: "1" })
    .filter({ has: page.getByRole("cell") })
    .first();
  await expect(row).toBeVisible();
  await expect(row.getByRole("link", { name: /vulnerabilit/ })).toBeVisible({ timeout: 60_000 });
});

test("S2: who may scan scans by hand, and sees how it goes", async ({ console: page }) => {
  await page.goto("/namespaces/lab/repositories/ubuntu");
  await expect(page.getByRole("table").getByText("Not Scanned")).toBeVisible();
  await page.getByRole("button", { name: "Scan", exact: true }).click();
  await expect(page.getByText("1 scan was requested")).toBeVisible();
  await expect(page.getByRole("link", { name: /vulnerabilit/ })).toBeVisible({ timeout: 90_000 });
});

test("S7: a refused pull names a page, and the page says why", async ({ console: page, server, api }) => {
  await api.call("PUT", "/namespaces/payments/policy", { policy: { severity: "high" } });
  await api.until<{ answer: string }>(
    "/namespaces/payments/repositories/api/artifacts/1.4.0/verdict",
    ({ answer }) => answer === "deny",
  );
  const { refused } = await pull(server, "payments/api:1.4.0");
  expect(refused).toContain("may not be pulled");
  const address = /https?:\/\/\S+\/namespaces\/\S+\/artifacts\/sha256:[0-9a-f]{64}/.exec(refused ?? "")?.[0];
  expect(address).toBeDefined();
  await page.goto(new URL(address ?? "").pathname);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("api");
  await page.goto("/namespaces/payments/repositories/api");
  await expect(page.getByRole("table").getByText("Denied")).toBeVisible();
  // What everybody tries next, answered in the console.
  await page.goto("/why?image=payments/api:1.4.0");
  await expect(page.getByRole("heading", { name: "The policy refuses it" })).toBeVisible();
  await api.call("DELETE", "/namespaces/payments/policy");
});

test("S8: who may only read sees no button to scan, and other namespaces not at all", async ({
  visitor: page,
}) => {
  await signIn(page, READER);
  await page.goto("/namespaces");
  await expect(page.getByRole("link", { name: "platform", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "payments", exact: true })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "New namespace" })).toHaveCount(0);
  await page.goto("/namespaces/platform/repositories/alpine");
  await settled(page);
  await expect(page.getByRole("button", { name: "Scan", exact: true })).toHaveCount(0);
  await page.goto("/namespaces/payments");
  await expect(page.getByText("This page does not exist")).toBeVisible();
});

test("the key / leads to the search, and a vulnerability's id to its page", async ({ console: page }) => {
  await page.keyboard.press("/");
  await page.keyboard.type("CVE-2021-44228");
  await page.keyboard.press("Enter");
  await page.locator("main").getByRole("link", { name: "CVE-2021-44228" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("CVE-2021-44228");
  await expect(page.getByText("payments/ledger")).toBeVisible();
  const links = page.locator("main a[target=_blank]");
  for (const link of await links.all()) {
    expect(await link.getAttribute("rel")).toContain("noopener");
    expect(await link.getAttribute("href")).toMatch(/^https?:/);
  }
});

test("language and appearance are chosen once and kept", async ({ console: page }) => {
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "简体中文" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("总览");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await page.getByRole("button", { name: "外观" }).click();
  await page.getByRole("menuitem", { name: "深色" }).click();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("总览");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("the first page is there within a second, and is small", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL });
  const page = await context.newPage();
  let bytes = 0;
  page.on("response", async (response) => {
    const sizes = await response
      .request()
      .sizes()
      .catch(() => undefined);
    bytes += sizes?.responseBodySize ?? 0;
  });
  await page.goto("/");
  await expect(page.locator("input[name=username]")).toBeVisible();
  await page.waitForLoadState("networkidle");
  const ready = await page.evaluate(() => performance.getEntriesByType("paint").at(-1)?.startTime ?? 0);
  console.log(`first page: ${Math.round(bytes / 1024)} kB, painted after ${Math.round(ready)} ms`);
  expect(bytes).toBeLessThan(450_000);
  await context.close();
});
