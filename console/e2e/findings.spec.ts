// What was found, walked by hand: S4 (every vulnerability, and its page), S5 (what to do), D2 (an index),
// D4 (the bar), D6 (where it came from, and the plan).
import type { Page } from "@playwright/test";
import { expect, LANGUAGES, settled, speak, test } from "./console";
import type { Api } from "./server";

const LEDGER = "/namespaces/payments/repositories/ledger/artifacts/7";
const API_IMAGE = "/namespaces/payments/repositories/api/artifacts/1.4.0";
const ALPINE = "/namespaces/platform/repositories/alpine/artifacts/3.20.3";
const MULTI = "/namespaces/platform/repositories/alpine/artifacts/multi";

interface Finding {
  id: string;
  package: string;
  version: string;
  purl: string;
  path: string;
  fixable: boolean;
  fixed_version?: string | null;
  owner?: string | null;
  layer?: { index: number; instruction?: string | null } | null;
  platforms: string[];
}

async function findingsOf(api: Api, image: string, query = ""): Promise<Finding[]> {
  const found: Finding[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: Finding[]; next: string | null } = await api.call(
      "GET",
      `${image}/findings?limit=500${query}${more}`,
    );
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

/** The row of a finding, in a list that is filtered to it. */
async function openFinding(page: Page, image: string, { id, package: name, path }: Finding): Promise<void> {
  const query = new URLSearchParams({ q: id, package: name, path });
  await page.goto(`${image}?${query}`);
  const opener = page.locator("main [role=table] button[aria-expanded]").first();
  await opener.click();
  await expect(opener).toHaveAttribute("aria-expanded", "true");
}

const S4 = {
  en: { rows: (count: number) => `${count} rows`, images: "Your images", elsewhere: "Elsewhere" },
  zh: { rows: (count: number) => `${count} 行`, images: "您的镜像", elsewhere: "其他网站" },
};

for (const language of LANGUAGES) {
  test(`S4: every vulnerability is listed, and its id leads to a page of it: ${language}`, async ({
    console: page,
    api,
  }) => {
    const found = await findingsOf(api, LEDGER);
    expect(found.length).toBeGreaterThan(0);
    await speak(page, language);
    await page.goto(LEDGER);
    await settled(page);
    await page.locator("[role=row][tabindex='0']").focus();
    await expect(async () => {
      await page.keyboard.press("End");
      await expect(page.getByText(S4[language].rows(found.length))).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 20_000 });
    await expect(page.getByRole("table")).toHaveAttribute("aria-rowcount", String(found.length + 1));

    await page.goto(`${LEDGER}?q=CVE-2021-44228`);
    await page.getByRole("table").getByRole("link", { name: "CVE-2021-44228" }).first().click();
    await expect(page).toHaveURL(/\/vulnerabilities\/CVE-2021-44228$/);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("CVE-2021-44228");
    await expect(page.getByRole("heading", { name: S4[language].images })).toBeVisible();
    // Nothing of it is asked of others (the visitor's fixture sees to that); links lead there.
    const upstream = page.getByRole("region", { name: S4[language].elsewhere });
    await expect(upstream.getByRole("link").first()).toHaveAttribute("href", /^https:\/\//);
    await expect(upstream.getByRole("link").first()).toHaveAttribute("rel", /noopener/);
  });
}

const S5 = {
  en: {
    todo: "What to do",
    upgrade: /Upgrade .+ from .+ to .+ or later/,
    owner: /Upgrade .+, the package of the operating system/,
    wait: "There is no fix to be had",
  },
  zh: {
    todo: "如何处理",
    upgrade: /将 .+ 从 .+ 升级到 .+ 或更高版本/,
    owner: /升级 .+：此文件属于该操作系统软件包/,
    wait: "目前没有可用的修复",
  },
};

for (const language of LANGUAGES) {
  test(`S5: each finding says what to do: ${language}`, async ({ console: page, api }) => {
    const say = S5[language];
    await speak(page, language);
    const [ours, theirs] = [await findingsOf(api, API_IMAGE), await findingsOf(api, ALPINE)];
    const pick = (found: Finding[], fits: (it: Finding) => boolean): Finding => {
      const one = found.find(fits);
      if (one === undefined) throw new Error("the image has no such finding");
      return one;
    };
    const library = pick(ours, (it) => it.fixable && !it.owner && it.purl.startsWith("pkg:pypi/"));
    const system = pick(theirs, (it) => it.fixable);
    for (const [image, finding, command] of [
      [API_IMAGE, library, `pip install '${library.package}>=${library.fixed_version}'`],
      [ALPINE, system, `apk add --no-cache --upgrade ${system.package}`],
    ] as const) {
      await openFinding(page, image, finding);
      await expect(page.getByRole("heading", { name: say.todo })).toBeVisible();
      const said = page.getByText(say.upgrade).first();
      await expect(said).toContainText(finding.package);
      await expect(said).toContainText(finding.version);
      await expect(said).toContainText(finding.fixed_version ?? "?");
      await expect(page.getByText(command).first()).toBeVisible();
    }
    const owned = pick(ours, (it) => it.fixable && Boolean(it.owner));
    await openFinding(page, API_IMAGE, owned);
    await expect(page.getByText(say.owner)).toBeVisible();
    const hopeless = pick(ours, (it) => !it.fixable);
    await openFinding(page, API_IMAGE, hopeless);
    await expect(page.getByText(say.wait)).toBeVisible();
  });
}

test("D2: an index shows each platform by itself, and what they have together once", async ({
  console: page,
  api,
}) => {
  const overview = await api.call<{
    platforms: { platform: string; summary: { total: number } | null }[];
    sum: { total: number };
  }>("GET", MULTI);
  await page.goto(`${MULTI}?tab=platforms`);
  const table = page.getByRole("table", { name: "Platforms" });
  for (const { platform, summary } of overview.platforms) {
    const row = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: platform }) });
    await expect(row.getByRole("cell", { name: String(summary?.total), exact: true }).first()).toBeVisible();
  }
  const sum = overview.platforms.reduce((total, it) => total + (it.summary?.total ?? 0), 0);
  expect(overview.sum.total).toBe(sum);
  await expect(table.getByRole("row").last()).toContainText(String(sum));

  const union = await findingsOf(api, MULTI);
  const keys = new Set(union.map((it) => `${it.id} ${it.purl} ${it.path}`));
  expect(keys.size, "no finding twice").toBe(union.length);
  expect(union.length).toBeLessThan(sum);
  await page.goto(MULTI);
  await expect(page.getByText(`${union.length} rows`)).toBeVisible();
  const all = union.find((it) => it.platforms.length === overview.platforms.length);
  expect(all, "one that all platforms have").toBeDefined();
  const count = `${overview.platforms.length} platforms`;
  await expect(page.getByRole("table").getByText(count).first()).toBeVisible();
});

for (const language of LANGUAGES) {
  const D4 = {
    en: ["Critical", "High", "Medium", "Low", "Total", "Fixable", "Duration", "Scanned"],
    zh: ["严重", "高危", "中危", "低危", "合计", "可修复", "耗时", "扫描时间"],
  };
  test(`D4: a bar by severity, and pointing at it shows the counts: ${language}`, async ({
    console: page,
    api,
  }) => {
    await speak(page, language);
    const { artifact } = await api.call<{ artifact: { summary: Record<string, number> } }>("GET", LEDGER);
    await page.goto("/namespaces/payments/repositories/ledger");
    const bar = page.getByRole("table").locator(`a[href$="${"artifacts"}"], a[href*="/artifacts/"]`, {
      hasText: /vulnerabilit|漏洞/,
    });
    const card = page.getByRole("tooltip");
    const shown = async () => {
      for (const word of D4[language]) await expect(card.getByText(word, { exact: true })).toBeVisible();
      for (const key of ["critical", "high", "medium", "low", "total", "fixable"]) {
        const count = (artifact.summary[key] ?? 0).toLocaleString("en");
        await expect(card.getByRole("definition").getByText(count, { exact: true }).first()).toBeVisible();
      }
    };
    await bar.first().hover();
    await shown();
    await page.mouse.move(0, 0);
    await expect(card).toHaveCount(0);
    await bar.first().focus();
    await shown();
  });
}

const D6 = {
  en: {
    from: "Where it came from",
    steps: ["Layer", "Instruction", "File", "Package"],
    plan: "Before and after",
  },
  zh: { from: "从何而来", steps: ["镜像层", "指令", "文件", "软件包"], plan: "前后对比" },
};

for (const language of LANGUAGES) {
  test(`D6: where it came from, and a plan that was tried: ${language}`, async ({ console: page, api }) => {
    await speak(page, language);
    const found = await findingsOf(api, API_IMAGE);
    const finding = found.find((it) => it.layer?.instruction && it.purl.startsWith("pkg:pypi/"));
    if (finding === undefined) throw new Error("the image has a finding whose instruction is known");
    await openFinding(page, API_IMAGE, finding);
    const origin = page.getByRole("heading", { name: D6[language].from });
    await expect(origin).toBeVisible();
    const chain = page.locator("main section", { has: origin }).locator("ol").last();
    for (const step of D6[language].steps) {
      await expect(chain.getByText(step, { exact: true }).first()).toBeVisible();
    }
    await expect(chain).toContainText(finding.path);
    await expect(chain).toContainText(finding.purl);
    // The layer leads to what else came with it.
    await chain.getByRole("link").first().click();
    await expect(page).toHaveURL(/[?&]layer=sha256/);
    await expect(page.getByRole("table").getByRole("row").nth(1)).toBeVisible();

    const plan = await api.call<{ before: { total: number }; after: { total: number } }>(
      "GET",
      `${API_IMAGE}/plan`,
    );
    expect(plan.after.total).toBeLessThan(plan.before.total);
    await page.goto(`${API_IMAGE}?tab=fix`);
    const sides = page.getByRole("region", { name: D6[language].plan });
    await expect(sides).toContainText(plan.before.total.toLocaleString("en"));
    await expect(sides).toContainText(plan.after.total.toLocaleString("en"));
  });
}

for (const language of LANGUAGES) {
  const words = { en: /part of multi/, zh: /属于 multi/ };
  test(`D2: the images of an index say of which one they are a part: ${language}`, async ({
    console: page,
  }) => {
    await speak(page, language);
    await page.goto("/namespaces/platform/repositories/alpine");
    await settled(page);
    const row = page.getByRole("row").filter({ hasText: "linux/arm64" }).filter({ hasText: words[language] });
    await expect(row).toHaveCount(1);
    await row.getByRole("link", { name: "multi", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("alpine:multi");
  });
}
