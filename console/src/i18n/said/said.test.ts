import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { piecesOf } from "./translate";
import { ROWS, translate } from "./zh";

test("a reason is found again by its form, with what stands in its gaps", () => {
  expect(
    translate(
      "77 vulnerabilities that can be fixed are high or worse, CVE-2018-7750 (critical) the worst of them",
    ),
  ).toBe("77 个可修复的漏洞达到高危或更高，最严重的是 CVE-2018-7750（严重）");
  expect(translate("debian 10 gets no more updates since 2024-06-30")).toBe(
    "debian 10 自 2024-06-30 起不再获得更新",
  );
  expect(translate("debian 10 gets no more updates")).toBe("debian 10 不再获得更新");
  expect(translate("it is no image, and nobody knows what is in it")).toBe("这不是镜像，内容未知");
});

test("a refusal is written anew piece by piece, with the findings that its reasons name", () => {
  expect(
    translate(
      "CVE-1 is known to be exploited [CVE-1 (high) in zlib 1.2, fixed in 1.3; CVE-2 (low) in curl 8]; and 2 reasons more",
    ),
  ).toBe(
    "CVE-1 已知被利用 [zlib 1.2 中的 CVE-1（高危），修复版本 1.3；curl 8 中的 CVE-2（低危）]；另有 2 条原因",
  );
  expect(
    translate(
      "payments/api:1 may not be pulled by the policy of payments: the image has not been scanned; what is new",
    ),
  ).toBe("按 payments 的策略，payments/api:1 不可拉取：镜像尚未扫描；what is new");
});

test("why a package matched is written anew", () => {
  expect(translate("source openssl 3.0.9-1 < 3.0.11-1~deb12u2 (fixed)")).toBe(
    "source openssl 3.0.9-1 < 3.0.11-1~deb12u2（修复）",
  );
  expect(translate("zlib 1.2 >= 1.0 (introduced) and <= 1.2 (last affected)")).toBe(
    "zlib 1.2 ≥ 1.0（引入）且 ≤ 1.2（最后受影响）",
  );
  expect(translate("the vendor will not fix it; every version of perl is affected")).toBe(
    "厂商不会修复；涉及 perl 的所有版本",
  );
});

test("what to upgrade is a list in the other language, too", () => {
  expect(
    translate(
      "Upgrade Django to 2.2.3, Pillow to 10.0.1, and 12 more, build it again and push it: a push is never refused. Its fix plan says the rest.",
    ),
  ).toBe(
    "升级 Django 至 2.2.3、Pillow 至 10.0.1、另外 12 项，然后重新构建并推送：推送从不被拒绝。其余见修复方案。",
  );
});

test("what to change in an application's own build is said piece by piece", () => {
  expect(translate("`go get golang.org/x/net@v0.23.0` in the program's module, then build it anew")).toBe(
    "在程序的模块中执行 `go get golang.org/x/net@v0.23.0`，然后重新构建",
  );
  expect(
    translate(
      "`npm install lodash@4.17.21` where package.json names it; where another package brings it in, a newer version of that one, or an entry in `overrides`",
    ),
  ).toBe(
    "如果 package.json 中有它：`npm install lodash@4.17.21`；如果由其他软件包引入，请升级那个软件包，或在 `overrides` 中指定",
  );
});

test("a version in a build file is said as a whole", () => {
  expect(
    translate(
      "set log4j-core to 2.17.1 in pom.xml or build.gradle, where another dependency brings it in under `dependencyManagement` or `constraints`; then build it anew",
    ),
  ).toBe(
    "在 pom.xml 或 build.gradle 中将 log4j-core 设为 2.17.1；由其他依赖引入时，写在 `dependencyManagement` 或 `constraints` 中；然后重新构建",
  );
});

test("a grace period is told with the reason that waits for it", () => {
  expect(
    translate(
      "1 vulnerability does not count yet, CVE-1 from 2026-12-07 on: the policy gives critical ones a grace of 14 days",
    ),
  ).toBe("1 个漏洞暂不计入，其中 CVE-1 自 2026-12-07 起计入：策略给予严重漏洞 14 天宽限期");
});

test("a cause behind a failure is written anew as well", () => {
  expect(translate("layer sha256:ab cannot be scanned: the layer is no tar archive")).toBe(
    "无法扫描层 sha256:ab：该层不是 tar 归档",
  );
});

test("what is not known stays as it was said", () => {
  for (const text of ["", "something new of the server's", "x".repeat(10_000), "a [b; c", "$& $1 {count}"]) {
    expect(translate(text)).toBe(text);
  }
  expect(piecesOf("a [b; c]; d")).toEqual(["a [b; c]", "d"]);
});

test("hostile texts in gaps are taken as they are, and quickly", () => {
  const began = performance.now();
  translate("CVE-1 ".repeat(300));
  translate("there is no ".repeat(150));
  translate("1 >= 2 (introduced) and ".repeat(80));
  translate("a [b] ".repeat(300));
  translate(`${"x ".repeat(950)} is known to be exploited`);
  expect(translate("$& is known to be exploited")).toBe("$& 已知被利用");
  expect(performance.now() - began).toBeLessThan(500);
});

/** All of the server's source in one text, its broken lines joined. */
function source(): string {
  const texts: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (path.endsWith(".rs")) texts.push(readFileSync(path, "utf8"));
    }
  };
  for (const name of [
    "core",
    "ecosystems",
    "engine",
    "image",
    "match",
    "policy",
    "registry",
    "server",
    "store",
  ]) {
    walk(join(CRATES, `plimsoll-${name}`, "src"));
  }
  return texts.join("\n").replaceAll(/\\\n\s*/g, "");
}

const CRATES = join(import.meta.dirname, "../../../../crates");

test.skipIf(!existsSync(CRATES))("the server still says what is written anew here", () => {
  const said = source();
  const gone = ROWS.map(([row]) => row).filter((row) => {
    const pieces = row.split(/\{\w+\}/).map((it) => it.trim());
    return !said.includes(pieces.sort((one, other) => other.length - one.length)[0] ?? "");
  });
  expect(gone).toEqual([]);
});
