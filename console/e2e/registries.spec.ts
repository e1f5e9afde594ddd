// Registries of others (D1, D5): made known, asked, listed by a namespace, scanned there and shown like any.
import { accessible, expect, LANGUAGES, settled, speak, test } from "./console";
import { other, push, type Started } from "./server";

let registry: Started & { host: string };

test.beforeAll(async () => {
  registry = await other();
  await push(registry.url, "alpine-3.12.12", "team/app:1");
  await push(registry.url, "alpine-3.20.3", "team/web:2");
  await push(registry.url, "scratch-empty-layer", "elsewhere/thing:1");
});

test.afterAll(async () => registry.stop());

const WORDS = {
  en: {
    add: "Add a registry",
    name: "Name",
    host: "Address",
    insecure: /plain HTTP/,
    send: "Add",
    answers: /is saved, and answers/,
    good: "Answers",
    link: "List those of another registry",
    registry: "Registry",
    which: "Repositories",
    save: "Save",
    found: "2 repositories, 2 images",
    lists: "Lists",
    firstSeen: "First seen",
    vulnerabilities: /\d+ vulnerabilit/,
    pull: "Pull",
    push: "Push",
    unlink: "List it no longer",
    here: /lie here/,
    actions: /^Actions for/,
    check: "Check now",
    remove: "Delete the registry",
    removed: /is forgotten/,
    trouble: "Trouble",
  },
  zh: {
    add: "添加镜像仓库",
    name: "名称",
    host: "地址",
    insecure: /明文 HTTP/,
    send: "添加",
    answers: /已保存，应答正常/,
    good: "正常",
    link: "列出其他镜像仓库的镜像",
    registry: "镜像仓库",
    which: "仓库",
    save: "保存",
    found: "2 个仓库，2 个镜像",
    lists: "列出",
    firstSeen: "首次出现",
    vulnerabilities: /\d+ 个漏洞/,
    pull: "拉取",
    push: "推送",
    unlink: "不再列出",
    here: /存储在此/,
    actions: /的操作$/,
    check: "立即检查",
    remove: "删除镜像仓库",
    removed: /已移除/,
    trouble: "有问题",
  },
} as const;

for (const language of LANGUAGES) {
  test(`a registry of others is listed by a namespace, scanned and shown: ${language}`, async ({
    console: page,
    api,
  }) => {
    const say = WORDS[language];
    const [name, namespace] = [`debian-${language}`, `linked-${language}`];
    await speak(page, language);
    await api.call("POST", "/namespaces", { name: namespace, auto_scan: true });

    await page.goto("/administration?tab=registries");
    await page.getByRole("button", { name: say.add }).first().click();
    const form = page.getByRole("dialog");
    await form.getByRole("textbox", { name: say.name, exact: true }).fill(name);
    // As people paste it.
    await form.getByRole("textbox", { name: say.host }).fill(`${registry.url}/v2/`);
    await form.getByRole("checkbox", { name: say.insecure }).check();
    await form.getByRole("button", { name: say.send, exact: true }).click();
    await expect(page.getByText(say.answers)).toBeVisible();
    const row = page.getByRole("row").filter({ hasText: name });
    await expect(row).toContainText(registry.host);
    await expect(row).toContainText(say.good);
    await expect(row).toContainText("Distribution");
    await row.getByRole("button", { expanded: false }).first().click();
    await expect(page.getByText("elsewhere/thing")).toBeVisible();
    await accessible(page, `registries, ${language}`);

    await page.goto(`/namespaces/${namespace}?tab=settings`);
    await page.getByRole("button", { name: say.link }).click();
    await form.getByRole("combobox", { name: say.registry }).click();
    await page.getByRole("option", { name: new RegExp(name) }).click();
    await form.getByRole("button", { name: "team/app" }).click();
    await expect(form.getByRole("textbox", { name: say.which })).toHaveValue("team/app");
    await form.getByRole("textbox", { name: say.which }).fill("team/*");
    await form.getByRole("button", { name: say.save }).click();
    await expect(page.getByText(say.found)).toBeVisible({ timeout: 60_000 });
    await accessible(page, `source, ${language}`);

    await page.goto(`/namespaces/${namespace}/repositories/team/app`);
    await settled(page);
    await expect(page.getByRole("columnheader", { name: say.firstSeen })).toBeVisible();
    await expect(page.getByRole("button", { name: say.push, exact: true })).toHaveCount(0);
    await expect(page.getByRole("link", { name: say.vulnerabilities })).toBeVisible({ timeout: 90_000 });
    await page.goto(`/namespaces/${namespace}/repositories/team/app/artifacts/1`);
    await page.getByRole("button", { name: say.pull, exact: true }).click();
    await expect(page.getByText(`docker pull ${registry.host}/team/app:1`)).toBeVisible();

    await page.goto(`/namespaces/${namespace}`);
    await expect(page.locator("header").getByText(say.lists)).toContainText(registry.host);
    await page.goto(`/namespaces/${namespace}?tab=settings`);
    await page.getByRole("button", { name: say.unlink }).click();
    await form.getByRole("textbox").fill(namespace);
    await form.getByRole("button", { name: say.unlink }).click();
    await expect(page.getByText(say.here)).toBeVisible();

    await page.goto("/administration?tab=registries");
    await row.getByRole("button", { name: say.actions }).click();
    await page.getByRole("menuitem", { name: say.remove }).click();
    await form.getByRole("button", { name: say.remove }).click();
    await expect(page.getByText(say.removed)).toBeVisible();
    await expect(row).toHaveCount(0);
  });
}

test("a registry that does not answer says so, and is not deleted while a namespace lists it", async ({
  console: page,
  api,
}) => {
  const say = WORDS.en;
  const { id } = await api.call<{ id: number }>("POST", "/registries", {
    name: "gone",
    host: "127.0.0.1:9",
    insecure: true,
  });
  await api.call("POST", "/namespaces", { name: "linked-gone", auto_scan: false });
  await api.call("PUT", "/namespaces/linked-gone/source", { registry: id, repositories: ["team/app"] });
  await page.goto("/administration?tab=registries");
  const row = page.getByRole("row").filter({ has: page.getByText("gone", { exact: true }) });
  await row.getByRole("button", { name: say.actions }).click();
  await page.getByRole("menuitem", { name: say.check }).click();
  await expect(row).toContainText(say.trouble);
  await row.getByRole("button", { name: say.actions }).click();
  await page.getByRole("menuitem", { name: say.remove }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: say.remove }).click();
  await expect(form.getByRole("alert")).toBeVisible();
  await form.getByRole("button", { name: "Cancel" }).click();
  await page.goto("/namespaces/linked-gone?tab=settings");
  await expect(page.getByText("The last look failed")).toBeVisible({ timeout: 60_000 });
});
