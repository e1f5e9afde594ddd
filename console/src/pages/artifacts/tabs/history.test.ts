import { expect, test } from "vitest";
import { collapsed, type Entry } from "./history";

const decided = (second: string, answer: "allow" | "deny", reasons: string[] = []): Entry => ({
  at: `2026-11-23T01:49:${second}Z`,
  what: "verdict",
  verdict: { answer, reasons, lowered: null },
});

test("the same verdict of the same second is told once, everything else as it came", () => {
  const pushed: Entry = { at: "2026-11-23T01:49:04Z", what: "pushed" };
  const entries = [
    decided("06", "deny", ["the image has not been scanned"]),
    decided("06", "deny", ["the image has not been scanned"]),
    decided("06", "deny", ["CVE-1 is known to be exploited"]),
    decided("05", "deny", ["CVE-1 is known to be exploited"]),
    decided("04", "allow"),
    pushed,
    decided("04", "allow"),
  ];
  expect(collapsed(entries)).toEqual(entries.filter((_, place) => place !== 1));
});
