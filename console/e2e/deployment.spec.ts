// A pull that is refused, and the exceptions that let it pass until they end.
import { expect, LANGUAGES, settled, speak, test } from "./console";
import { type Api, pull, push } from "./server";

interface Verdict {
  answer: string;
  reasons: { outcome: string; count?: number; findings?: { id: string }[] }[];
}

/** A namespace whose policy refuses what is known to be exploited, with an image that is. */
async function blocked(server: string, api: Api, namespace: string): Promise<string[]> {
  await api.call("POST", "/namespaces", { name: namespace, auto_scan: true });
  await push(server, "java-jars", `${namespace}/ledger:1`);
  await api.call("PUT", `/namespaces/${namespace}/policy`, { policy: { known_exploited: "deny" } });
  // Before it is scanned it is refused, too, for another reason.
  const { reasons } = await api.until<Verdict>(verdictOf(namespace), (it) => exploited(it).length > 0);
  return exploited({ reasons });
}

function exploited({ reasons }: Pick<Verdict, "reasons">): string[] {
  const named = reasons.filter((it) => it.outcome === "deny").flatMap((it) => it.findings ?? []);
  return [...new Set(named.map((it) => it.id))];
}

const verdictOf = (namespace: string) => `/namespaces/${namespace}/repositories/ledger/artifacts/1/verdict`;
const until = (api: Api, namespace: string, wanted: string) =>
  api.until<Verdict>(verdictOf(namespace), ({ answer }) => (answer === "deny") === (wanted === "deny"));

const WORDS = {
  en: {
    denied: "Denied",
    excepted: "Excepted",
    refuses: "The policy refuses it",
    may: "You can pull it",
    add: "Add exceptions",
    ids: "Vulnerabilities",
    why: "Why",
    send: "Add",
    holds: /exceptions? holds?\./,
    actions: /^Actions for/,
    end: "End",
    holding: "in 3 months",
  },
  zh: {
    denied: "拒绝",
    excepted: "例外放行",
    refuses: "策略拒绝拉取",
    may: "您可以拉取",
    add: "添加例外",
    ids: "漏洞",
    why: "原因",
    send: "添加",
    holds: /个例外已生效/,
    actions: /的操作$/,
    end: "终止",
    holding: "3个月后",
  },
} as const;

for (const language of LANGUAGES) {
  test(`S7: an exception lets a refused image pass, and its end refuses it again: ${language}`, async ({
    console: page,
    server,
    api,
  }) => {
    const say = WORDS[language];
    const namespace = `shop-${language}`;
    await speak(page, language);
    const ids = await blocked(server, api, namespace);
    expect(ids).toContain("CVE-2021-44228");
    const { refused } = await pull(server, `${namespace}/ledger:1`);
    expect(refused).toContain("CVE-2021-44228");
    await page.goto(`/namespaces/${namespace}/repositories/ledger`);
    await expect(page.getByRole("table").getByText(say.denied, { exact: true })).toBeVisible();
    await page.goto(`/why?image=${namespace}/ledger:1`);
    await expect(page.getByRole("heading", { name: say.refuses })).toBeVisible();

    await page.goto(`/namespaces/${namespace}?tab=exceptions`);
    await page.getByRole("button", { name: say.add }).click();
    const form = page.getByRole("dialog");
    await form.getByRole("textbox", { name: say.ids }).fill(ids.join("\n"));
    await form.getByRole("textbox", { name: say.why, exact: true }).fill("Not reachable, ticket 4711");
    await form.getByRole("button", { name: say.send, exact: true }).click();
    await expect(page.getByText(say.holds)).toBeVisible();
    const row = page.getByRole("row").filter({ hasText: "CVE-2021-44228" });
    await expect(row).toContainText("ticket 4711");
    await until(api, namespace, "allow");
    expect(await pull(server, `${namespace}/ledger:1`)).toEqual({});
    await page.goto(`/namespaces/${namespace}/repositories/ledger`);
    await expect(page.getByRole("table").getByText(say.excepted, { exact: true })).toBeVisible();
    await page.goto(`/why?image=${namespace}/ledger:1`);
    await expect(page.getByRole("heading", { name: say.may })).toBeVisible();
    await expect(page.getByText("ticket 4711").first()).toBeVisible();

    // One that somebody ends counts no more from that second on.
    await page.goto(`/namespaces/${namespace}?tab=exceptions`);
    await row.getByRole("button", { name: say.actions }).click();
    await page.getByRole("menuitem", { name: say.end }).click();
    await page.getByRole("dialog").getByRole("button", { name: say.end, exact: true }).click();
    await expect(row).toHaveCount(0);
    await until(api, namespace, "deny");
    expect((await pull(server, `${namespace}/ledger:1`)).refused).toContain("CVE-2021-44228");
  });
}

for (const language of LANGUAGES) {
  const over = { en: { ended: /ended .* ago/, state: "Ended" }, zh: { ended: /已到期/, state: "已到期" } };
  test(`S7: an exception that has run out lets nothing pass, with nobody doing anything: ${language}`, async ({
    console: page,
    server,
    api,
  }) => {
    const namespace = `till-${language}`;
    await speak(page, language);
    const vulnerabilities = await blocked(server, api, namespace);
    // Long enough to look at it while it holds, on a machine that is busy.
    const ends = new Date(Date.now() + 30_000);
    await api.call("POST", `/namespaces/${namespace}/exceptions`, {
      vulnerabilities,
      reason: "until the release",
      expires_at: `${ends.toISOString().slice(0, 19)}Z`,
    });
    await until(api, namespace, "allow");
    expect(await pull(server, `${namespace}/ledger:1`)).toEqual({});
    await page.goto(`/namespaces/${namespace}/repositories/ledger`);
    await settled(page);
    const denied = page.getByRole("table").getByText(WORDS[language].denied, { exact: true });
    await expect(denied).toHaveCount(0);
    expect(Date.now(), "seen while it held").toBeLessThan(ends.getTime());
    await page.waitForTimeout(Math.max(0, ends.getTime() + 1_500 - Date.now()));
    expect((await pull(server, `${namespace}/ledger:1`)).refused).toContain("CVE-2021-44228");
    // The page that stands open tells it, too.
    await expect(denied).toBeVisible({ timeout: 30_000 });
    await page.goto(`/namespaces/${namespace}?tab=exceptions&standing=over`);
    const row = page.getByRole("row").filter({ hasText: "CVE-2021-44228" });
    await expect(row).toContainText(over[language].ended);
  });
}
