// Tables of ten thousand rows: what stands in the page stays little, and scrolling stays fluent. The rows
// are made up here, of real ones where there are any; everything else is real.
import type { Page } from "@playwright/test";
import { expect, settled, test } from "./console";

const ROWS = 10_000;
/** A busy machine makes every task long: the figures are told, and only what is absurd fails. */
const TASK_MILLISECONDS_MAX = 2_000;
const ROWS_IN_PAGE_MAX = 80;
/** What showing other rows may cost the processor; what else runs on the machine does not count here. */
const JUMP_MILLISECONDS_MAX = 100;

async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    (window as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((it) => it.duration))).observe({
      type: "longtask",
    });
  });
}

/** Tells the long tasks since the last time. */
async function told(page: Page, what: string): Promise<void> {
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks.splice(0));
  const worst = Math.round(Math.max(0, ...tasks));
  console.log(`${what}: ${tasks.length} long tasks, the worst ${worst} ms`);
  expect(worst).toBeLessThan(TASK_MILLISECONDS_MAX);
}

/** The page's own time on the processor so far, in milliseconds. */
async function clock(page: Page): Promise<() => Promise<number>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return (metrics.find((it) => it.name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
}

const JUMPS = 40;

/** Dragging the bar of the window shows other rows each time. */
async function jump(page: Page): Promise<void> {
  const spent = await clock(page);
  const before = await spent();
  for (let count = 0; count < JUMPS; count++) {
    const part = ((count * 7_919) % 1_000) / 1_000;
    await page.evaluate((part) => window.scrollTo(0, document.body.scrollHeight * part), part);
    await page.waitForTimeout(30);
  }
  const each = ((await spent()) - before) / JUMPS;
  console.log(`a jump: ${each.toFixed(1)} ms of the processor`);
  expect(each).toBeLessThan(JUMP_MILLISECONDS_MAX);
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
  await watch(page);
  await scroll(page);
  await page.keyboard.press("End");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(page.getByText(`app-${ROWS - 1}`)).toBeVisible();
  await told(page, "10,000 rows");
});

test("an image with ten thousand findings: read on while scrolling, walked with keys, opened", async ({
  console: page,
  api,
}) => {
  const image = "/namespaces/payments/repositories/api/artifacts/1.4.0";
  const { items: real } = await api.call<{ items: { id: string }[] }>("GET", `${image}/findings?limit=200`);
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
  await page.goto(image);
  await settled(page);
  await expect(page.locator("[data-place='5']")).toBeVisible();
  await watch(page);
  await scroll(page);
  await told(page, "10,000 findings, scrolled");

  // To the end, as it moves away: in big steps, and none of them twice.
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(page.locator(`[data-place='${ROWS - 1}']`)).toBeVisible({ timeout: 300 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole("table")).toHaveAttribute("aria-rowcount", String(ROWS + 1));
  expect(asked, "requests for all of them").toBeLessThan(30);
  await told(page, "10,000 findings, read to the end");

  await jump(page);
  await told(page, "10,000 findings, jumped to and fro");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));

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
  await told(page, "10,000 findings, walked and opened");
});
