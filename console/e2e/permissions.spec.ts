// S8 and D5: who may not, sees no button, and is refused where he asks all the same.
import { expect, LANGUAGES, READER, settled, signIn, speak, test } from "./console";

const WORDS = {
  en: {
    scan: /^Scan/,
    remove: "Delete",
    create: "New namespace",
    add: "Add exceptions",
    gone: "This page does not exist",
  },
  zh: { scan: /^(重新)?扫描/, remove: "删除", create: "新建命名空间", add: "添加例外", gone: "页面不存在" },
} as const;

const IMAGE = "/namespaces/platform/repositories/alpine/artifacts/3.20.3";

/** What somebody who may read is refused: method, address, body, and the answer. */
const REFUSED: [string, string, unknown, number][] = [
  ["POST", `${IMAGE}/scan`, undefined, 403],
  ["DELETE", `${IMAGE}/scan`, undefined, 403],
  ["DELETE", IMAGE, undefined, 403],
  ["POST", "/namespaces/platform/scans", undefined, 403],
  ["PUT", "/namespaces/platform/policy", { policy: { severity: "low" } }, 403],
  ["DELETE", "/namespaces/platform/policy", undefined, 403],
  ["POST", "/namespaces/platform/exceptions", { vulnerabilities: ["CVE-2024-1"], reason: "no" }, 403],
  ["PUT", "/namespaces/platform", { auto_scan: false }, 403],
  ["GET", "/namespaces/platform/robots", undefined, 403],
  ["GET", "/namespaces/platform/grants", undefined, 403],
  ["GET", "/namespaces/platform/webhooks", undefined, 403],
  ["GET", "/namespaces/platform/audit", undefined, 403],
  ["POST", "/namespaces", { name: "mine" }, 403],
  ["GET", "/users", undefined, 403],
  ["GET", "/audit", undefined, 403],
  ["POST", "/database/update", undefined, 403],
  // What he may not know of is not there for him.
  ["GET", "/namespaces/payments", undefined, 404],
  ["GET", "/namespaces/payments/policy", undefined, 404],
];

test("S8: what a role has no permission for is answered with 403, whatever the console shows", async ({
  api,
}) => {
  const reader = api.as(READER.name, READER.password);
  const answers = [];
  for (const [method, path, body] of REFUSED)
    answers.push([method, path, await reader.status(method, path, body)]);
  expect(answers).toEqual(REFUSED.map(([method, path, , status]) => [method, path, status]));
});

for (const language of LANGUAGES) {
  test(`S8: a role without a permission sees no button of it: ${language}`, async ({ visitor: page }) => {
    const say = WORDS[language];
    await speak(page, language);
    await signIn(page, READER);
    for (const address of [
      IMAGE,
      "/namespaces/platform/repositories/alpine",
      "/namespaces/platform?tab=artifacts",
    ]) {
      await page.goto(address);
      await settled(page);
      await expect(page.locator("main").getByRole("button", { name: say.scan })).toHaveCount(0);
      await expect(page.locator("main").getByRole("button", { name: say.remove })).toHaveCount(0);
    }
    await page.goto("/namespaces/platform?tab=exceptions");
    await settled(page);
    await expect(page.getByRole("button", { name: say.add })).toHaveCount(0);
    // The tabs of those who look after a namespace are not there either, nor behind their address.
    for (const tab of ["members", "robots", "webhooks", "audit", "settings"]) {
      await expect(page.locator(`main a[href$="tab=${tab}"]`)).toHaveCount(0);
      await page.goto(`/namespaces/platform?tab=${tab}`);
      await settled(page);
      await expect(page.locator("main a[aria-current]").first()).not.toHaveAttribute("href", /tab=/);
    }
  });

  test(`D5: members see their namespaces only: ${language}`, async ({ visitor: page }) => {
    const say = WORDS[language];
    await speak(page, language);
    await signIn(page, READER);
    await page.goto("/namespaces");
    await expect(page.getByRole("link", { name: "platform", exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: "payments", exact: true })).toHaveCount(0);
    await expect(page.getByRole("button", { name: say.create })).toHaveCount(0);
    await page.goto("/artifacts");
    await settled(page);
    await expect(
      page
        .getByRole("table")
        .getByRole("link", { name: /platform\// })
        .first(),
    ).toBeVisible();
    await expect(page.getByRole("table").getByText("payments/")).toHaveCount(0);
    await page.goto("/search?q=ledger");
    await settled(page);
    await expect(page.locator("main").getByText("payments/ledger")).toHaveCount(0);
    await page.goto("/vulnerabilities/CVE-2021-44228");
    await settled(page);
    await expect(page.getByText("payments/ledger")).toHaveCount(0);
    await page.goto("/namespaces/payments/repositories/ledger/artifacts/7");
    await expect(page.getByText(say.gone)).toBeVisible();
  });
}
