// What journeys share: signing in, and watching that nothing goes wrong beside what they look at.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, expect, type Page } from "@playwright/test";
import { ADMIN, Api } from "./server";

export { ADMIN, expect };

export const READER = { name: "reader", password: "a-long-password-for-reading" };

interface Fixtures {
  /** The address of the server. */
  server: string;
  api: Api;
  /** The browser, at the console. Fails the journey on errors of scripts and of the page's policy. */
  visitor: Page;
  /** The same, signed in as the administrator. */
  console: Page;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => use(process.env.JOURNEY_SERVER ?? ""),
  api: async ({ server }, use) => use(new Api(server)),
  baseURL: async ({}, use) => use(process.env.JOURNEY_SERVER ?? ""),
  visitor: async ({ page }, use) => {
    const faults: string[] = [];
    const foreign: string[] = [];
    const own = new URL(process.env.JOURNEY_SERVER ?? "").origin;
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      if (/Content.Security.Policy|is not valid JSON|Warning:/i.test(message.text()))
        faults.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== own) foreign.push(request.url());
    });
    await use(page);
    expect(faults, "faults of the page").toEqual([]);
    expect(foreign, "requests to others").toEqual([]);
  },
  console: async ({ visitor }, use) => {
    await signIn(visitor, ADMIN);
    await use(visitor);
  },
});

export async function signIn(page: Page, who: { name: string; password: string }): Promise<void> {
  await page.goto("/");
  await page.locator("input[name=username]").fill(who.name);
  await page.locator("input[name=password]").fill(who.password);
  await page.locator("button[type=submit]").click();
  await expect(page.locator("main#main h1")).toBeVisible();
}

export const LANGUAGES = ["en", "zh"] as const;

/** Everything is said in this language from the next page on. */
export async function speak(page: Page, language: (typeof LANGUAGES)[number]): Promise<void> {
  await page.addInitScript((it) => localStorage.setItem("plimsoll.language", it), language);
}

/** Waits until a page has all that it shows. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("main h1, main h2").first()).toBeVisible();
  await expect(page.locator("[role=status]:has-text('Loading'), .mantine-Skeleton-root")).toHaveCount(0);
}

/** A page whole, as a window that is tall enough shows it. */
export async function photograph(page: Page, path: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 860 };
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.min(Math.max(height, size.height), 6000) });
  await page.screenshot({ path });
  await page.setViewportSize(size);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** Finds nothing serious, or says what and where. */
export async function accessible(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  const serious = found.filter((it) => it.impact === "serious" || it.impact === "critical");
  const said = serious.map(
    (it) =>
      `${it.id}: ${it.help}\n${it.nodes
        .slice(0, 3)
        .map((node) => `  ${node.html.slice(0, 200)}`)
        .join("\n")}`,
  );
  expect.soft(said, `what axe finds on ${where}`).toEqual([]);
}
