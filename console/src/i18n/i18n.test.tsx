import { describe, expect, test } from "vitest";
import { show } from "~/testing/render";
import { formats } from "./format";
import { languageOf, useWords, words } from "./index";
import { pieces, type Text, type Words } from "./words";

const areas = import.meta.glob<Record<string, Words>>("./words/*.ts", { eager: true });

describe("every area of words", () => {
  const all = Object.entries(areas).flatMap(([file, found]) =>
    Object.values(found).map((area) => ({ file, area })),
  );
  const holes = (text: Text) =>
    (typeof text === "string" ? [text] : [text.one, text.other])
      .flatMap((it) => pieces(it).map((piece) => piece.name))
      .filter((name) => name !== undefined && name !== "count");

  test.each(all)("$file says the same in every language", ({ area }) => {
    for (const [key, text] of Object.entries(area.en)) {
      const other = area.zh[key];
      expect(other, key).toBeDefined();
      expect(new Set(holes(other ?? "")), key).toEqual(new Set(holes(text)));
      expect(JSON.stringify(other).trim(), key).not.toBe('""');
    }
  });
});

const area = words(
  { tags: { one: "{count} tag", other: "{count} tags" }, of: "of {name}" },
  { tags: "{count} 个标签", of: "{name} 的" },
);

function Said() {
  const say = useWords(area);
  return (
    <p>
      {say("tags", { count: 1 })}, {say("tags", { count: 1234 })}, {say.rich("of", { name: <b>x</b> })}
    </p>
  );
}

test("a text is filled in, counted and may hold elements", () => {
  expect(show(<Said />).container.innerHTML).toContain("<p>1 tag, 1,234 tags, of <b>x</b></p>");
});

test("the language is the one that was kept, or the first of the browser's that we have", () => {
  expect(languageOf("zh", ["en"])).toBe("zh");
  expect(languageOf(null, ["de", "zh-TW", "en"])).toBe("zh");
  expect(languageOf("tlh", ["de"])).toBe("en");
});

describe("formats", () => {
  const en = formats("en-GB");
  const now = new Date("2026-11-22T12:00:00Z");

  test.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1500, "1.5 kB"],
    [12_345_678, "12 MB"],
    [7e15, "7,000 TB"],
  ])("%d bytes", (bytes, text) => expect(en.bytes(bytes)).toBe(text));

  test.each([
    ["2026-11-22T11:59:59.5Z", "now"],
    ["2026-11-22T11:58:01Z", "1 minute ago"],
    ["2026-11-21T13:00:00Z", "23 hours ago"],
    ["2026-11-24T12:00:00Z", "in 2 days"],
    ["2024-01-01T00:00:00Z", "2 years ago"],
  ])("%s", (time, text) => expect(en.relative(new Date(time), now)).toBe(text));

  test("durations", () => {
    expect([0, 0.25, 3.21, 75, 3700].map(en.duration)).toEqual(["<1s", "250ms", "3.2s", "1m 15s", "1h 1m"]);
  });
});
