// Tables of ten thousand rows: what stands in the page stays little, and scrolling stays fluent. The rows
// are made up here, of real ones where there are any; everything else is real.
import type { CDPSession, Page } from "@playwright/test";
import { expect, settled, test } from "./console";
import type { Api } from "./server";

const ROWS = 10_000;
/** What a task may cost the processor. How long it takes besides, on a machine that is busy with other
 * things as well, is told and no more. */
const TASK_MILLISECONDS_MAX = 100;
const ROWS_IN_PAGE_MAX = 80;
const PHONE = { width: 390, height: 860 };

interface Traced {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds on the wall, and of the processor. */
  dur?: number;
  tdur?: number;
}

/** Tells of the longest tasks of the page while something is done. */
async function watched(page: Page, what: string, act: () => Promise<unknown>): Promise<void> {
  const cdp = await page.context().browser()?.newBrowserCDPSession();
  if (cdp === undefined) throw new Error("the browser is gone");
  const events: Traced[] = [];
  cdp.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as Traced[])));
  const traceConfig = { includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] };
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await act();
  await stopped(cdp);
  // Those of the thread on which the page's own functions run.
  const own = new Set(events.filter((it) => it.name === "FunctionCall").map(threadOf));
  const tasks = events.filter((it) => it.name === "RunTask" && it.ph === "X" && own.has(threadOf(it)));
  const worst = (of: "dur" | "tdur") => Math.round(Math.max(0, ...tasks.map((it) => it[of] ?? 0)) / 1000);
  console.log(
    `${what}: the worst of ${tasks.length} tasks took ${worst("dur")} ms, ${worst("tdur")} of them its own`,
  );
  expect(tasks.length, "tasks seen").toBeGreaterThan(0);
  expect(worst("tdur"), what).toBeLessThan(TASK_MILLISECONDS_MAX);
}

async function stopped(cdp: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
  await cdp.send("Tracing.end");
  await complete;
  await cdp.detach();
}

const threadOf = ({ pid, tid }: Traced) => `${pid}/${tid}`;

const JUMPS = 40;

/** Dragging the bar of the window shows other rows each time. */
async function jump(page: Page): Promise<void> {
  for (let count = 0; count < JUMPS; count++) {
    const part = ((count * 7_919) % 1_000) / 1_000;
    await page.evaluate((part) => window.scrollTo(0, document.body.scrollHeight * part), part);
    await page.waitForTimeout(30);
  }
}

async function scroll(page: Page): Promise<void> {
  for (let count = 0; count < 60; count++) {
    await page.mouse.wheel(0, 3000);
    await page.waitForTimeout(16);
  }
  expect(await page.locator("[role=row]").count(), "rows in the page").toBeLessThan(ROWS_IN_PAGE_MAX);
}

test("ten thousand rows are scrolled through without a page that stands still", async ({ console: page }) => {
  await page.route("**/api/v1/packages/volume/artifacts*", (route) => {
    const items = Array.from({ length: ROWS }, (_, place) => ({
      namespace: "team",
      repository: `app-${place}`,
      digest: `sha256:${String(place).padStart(64, "0")}`,
      purl: `pkg:npm/volume@1.0.${place}`,
      version: `1.0.${place}`,
    }));
    return route.fulfill({ json: { items, next: null } });
  });
  await page.goto("/packages/volume");
  await settled(page);
  await watched(page, "10,000 rows", async () => {
    await scroll(page);
    await page.keyboard.press("End");
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(page.getByText(`app-${ROWS - 1}`)).toBeVisible();
  });
});

const IMAGE = "/namespaces/payments/repositories/api/artifacts/1.4.0";

/** Has the image answer with ten thousand findings, like its own. Tells how often it was asked. */
async function voluminous(page: Page, api: Api): Promise<() => number> {
  const { items: real } = await api.call<{ items: { id: string }[] }>("GET", `${IMAGE}/findings?limit=200`);
  const all = Array.from({ length: ROWS }, (_, place) => {
    const like = real[place % real.length];
    return { ...like, id: `${like?.id}-${place}` };
  });
  let asked = 0;
  await page.route("**/findings?*", (route) => {
    asked++;
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor") ?? 0);
    const end = from + Number(query.get("limit"));
    return route.fulfill({
      json: { items: all.slice(from, end), next: end < ROWS ? String(end) : null },
    });
  });
  await page.goto(IMAGE);
  await settled(page);
  await expect(page.locator("[data-place='0']")).toBeAttached();
  return () => asked;
}

/** To the end, as it moves away: in big steps. */
async function readOn(page: Page): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(page.locator(`[data-place='${ROWS - 1}']`)).toBeVisible({ timeout: 300 });
  }).toPass({ timeout: 60_000 });
}

test("an image with ten thousand findings: read on while scrolling, walked with keys, opened", async ({
  console: page,
  api,
}) => {
  const asked = await voluminous(page, api);
  await watched(page, "10,000 findings, scrolled", () => scroll(page));
  await watched(page, "10,000 findings, read to the end", () => readOn(page));
  await expect(page.getByRole("table")).toHaveAttribute("aria-rowcount", String(ROWS + 1));
  // None of them twice.
  expect(asked(), "requests for all of them").toBeLessThan(30);
  await watched(page, "10,000 findings, jumped to and fro", () => jump(page));
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await watched(page, "10,000 findings, walked and opened", () => walk(page));
});

// Its rows are cards there, each of another height.
test("ten thousand findings on a phone", async ({ console: page, api }) => {
  await page.setViewportSize(PHONE);
  await voluminous(page, api);
  await watched(page, "on a phone, scrolled", () => scroll(page));
  await watched(page, "on a phone, read to the end", () => readOn(page));
  await watched(page, "on a phone, jumped to and fro", () => jump(page));
});

async function walk(page: Page): Promise<void> {
  await page.locator(`[data-place='${ROWS - 1}'] [role=row]`).focus();
  await page.keyboard.press("Home");
  await expect(page.locator("[data-place='0'] [role=row]").first()).toBeFocused();
  for (let count = 0; count < 30; count++) await page.keyboard.press("ArrowDown");
  await expect(page.locator("[data-place='30'] [role=row]").first()).toBeFocused();
  await page.keyboard.press("Enter");
  const opened = page.locator("[data-place='30']");
  await expect(opened.getByRole("heading", { name: "What to do" })).toBeVisible();
  // Opened, it still begins below its place, and the next one below its end.
  const [own, next] = [await opened.boundingBox(), await page.locator("[data-place='31']").boundingBox()];
  expect(Math.round((own?.y ?? 0) + (own?.height ?? 0))).toBe(Math.round(next?.y ?? 0));
}
