import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { FindingSummary, ScanStatus } from "~/api/types";
import { show } from "~/testing/render";
import { AdvisoryText, plain, safeAddress } from "./Advisory";
import { searchOf, stateOf } from "./address";
import { shortDigest } from "./Copy";
import { shownOf } from "./columns";
import { LevelCell } from "./LevelCell";
import { pointsOf } from "./Sparkline";
import { reasonsOf } from "./VerdictBadge";

const summary: FindingSummary = {
  critical: 2,
  high: 3,
  medium: 0,
  low: 1,
  other: 4,
  total: 10,
  fixable: 6,
  highest: "critical",
  complete: true,
  scanned_at: "2026-11-22T12:00:00Z",
};

describe("the level cell", () => {
  const cell = (scan: ScanStatus, more: object = {}) =>
    show(<LevelCell scan={scan} to="/x" logTo="/log" {...more} />).container.textContent;

  test.each<[ScanStatus, object, string]>([
    [{ state: "not_scanned", limited: false }, {}, "Not Scanned"],
    [{ state: "not_scanned", limited: false }, { onScan: () => {} }, "Not ScannedScan"],
    [{ state: "queued", limited: false }, {}, "Queued"],
    [{ state: "scanning", limited: false, progress_percent: 37 }, {}, "Scanning37%"],
    [{ state: "failed", limited: false }, {}, "FailedView log"],
    [{ state: "stopped", limited: false }, {}, "Stopped"],
    [{ state: "not_supported", limited: false }, { onScan: () => {} }, "Not Supported"],
    [{ state: "complete", limited: false }, { summary }, "Critical, 10 vulnerabilities10"],
  ])("%o", (scan, more, text) => expect(cell(scan, more)).toBe(text));

  test("says the level and the number to screen readers", () => {
    show(<LevelCell scan={{ state: "complete", limited: false }} summary={summary} to="/x" />);
    expect(screen.getByRole("link", { name: /^Critical ?, ?10 vulnerabilities$/ })).toBeDefined();
  });

  test("warns where an index has images without a result", () => {
    const { container } = show(
      <LevelCell scan={{ state: "complete", limited: true }} summary={summary} to="/x" />,
    );
    expect(container.querySelector("a")?.dataset.incomplete).toBe("true");
  });

  test("asks for a scan", () => {
    let asked = 0;
    show(<LevelCell scan={{ state: "not_scanned", limited: false }} to="/x" onScan={() => asked++} />);
    fireEvent.click(screen.getByRole("button", { name: "Scan" }));
    expect(asked).toBe(1);
  });
});

describe("only addresses of the web are links", () => {
  test.each([
    ["https://nvd.nist.gov/vuln/detail/CVE-2021-44228", true],
    ["HTTP://example.org", true],
    ["javascript:alert(1)", false],
    ["data:text/html,x", false],
    [" https://example.org", false],
    ["https://good.example@evil.example/", false],
    ["//evil.example", false],
  ])("%s", (text, is) => expect(safeAddress(text) !== undefined).toBe(is));
});

test("a text cannot hide what it says", () => {
  expect(plain("a\u202eb\u0007c\nd")).toBe("a\ufffdb\ufffdc\nd");
});

test("the address holds what differs, and leaves what belongs to others", () => {
  const defaults = { q: "", sort: "pushed" };
  const search = new URLSearchParams("tab=log&q=x");
  expect(stateOf(search, defaults)).toEqual({ q: "x", sort: "pushed" });
  expect(searchOf(search, defaults, { q: "", sort: "severity" }).toString()).toBe("tab=log&sort=severity");
});

test("a digest is as long as people compare", () => {
  expect(shortDigest("sha256:0123456789abcdef0123")).toBe("0123456789ab");
  expect(shortDigest("sha512:0123456789abcdef")).toBe("sha512:0123456789ab");
  expect(shortDigest("latest")).toBe("latest");
});

test("columns: the first stays, extra ones come when chosen", () => {
  const all = [{ key: "a" }, { key: "b" }, { key: "c", isExtra: true }];
  expect(shownOf(all, {}).map((it) => it.key)).toEqual(["a", "b"]);
  expect(shownOf(all, { a: false, b: false, c: true }).map((it) => it.key)).toEqual(["a", "c"]);
});

test("a line that does not move lies in the middle", () => {
  expect(pointsOf([3, 3], 20, 10)).toEqual([
    [2, 5],
    [18, 5],
  ]);
});

test("reasons of another form are left out", () => {
  expect(reasonsOf({ reasons: [{ what: "too bad" }, "x", null] })).toHaveLength(1);
  expect(reasonsOf({ reasons: "x" })).toEqual([]);
});

test("an advisory's text is text: headings and links are seen, markup is shown as it stands", () => {
  const text =
    "# Summary\nSee [the guide](https://a.example/x) or https://b.example/y.\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1)) `code`";
  const { container } = show(<AdvisoryText text={text} />);
  expect(container.textContent).toBe(
    "Summary\nSee the guide (a.example) or https://b.example/y.<img src=x onerror=alert(1)> [x](javascript:alert(1)) code",
  );
  expect([...container.querySelectorAll("a")].map((it) => `${it.href} ${it.rel}`)).toEqual([
    "https://a.example/x noopener noreferrer nofollow",
    "https://b.example/y noopener noreferrer nofollow",
  ]);
  expect(container.querySelector("img")).toBeNull();
});
