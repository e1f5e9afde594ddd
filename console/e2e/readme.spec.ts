// The pictures of the README. Real ones, of the real server; `cargo xtask screenshots` takes them.
import { mkdirSync } from "node:fs";
import { settled, test } from "./console";

const FOLDER = "../docs/images";

const PICTURES: [string, string][] = [
  ["overview", "/"],
  ["repository", "/artifacts?sort=severity"],
  ["vulnerability", "/vulnerabilities/CVE-2021-44228"],
];

test("pictures of the README @readme", async ({ console: page }) => {
  mkdirSync(FOLDER, { recursive: true });
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const [name, address] of PICTURES) {
    await page.goto(address);
    await settled(page);
    await page.screenshot({ path: `${FOLDER}/${name}.png` });
  }
});
