import { expect, test } from "vitest";
import { headlineOf } from "./PullAnswer";
import { imageOf } from "./WhyPage";

test.each([
  ["docker pull reg.example/team/app:1.2 ", "reg.example/team/app:1.2"],
  ["sudo podman run reg.example/team/app@sha256:00", "reg.example/team/app@sha256:00"],
  ["https://reg.example/team/app", "reg.example/team/app"],
  ["team/app:1", "team/app:1"],
])("%s is the image %s", (text, image) => expect(imageOf(text)).toBe(image));

test("whether it is there comes before whether one may, and that before the policy", () => {
  const all = { exists: true, may_read: true, may_pull: true, answer: "deny" } as const;
  expect(headlineOf(all)).toBe("denied");
  expect(headlineOf({ ...all, may_pull: false })).toBe("mayNot");
  expect(headlineOf({ ...all, exists: false })).toBe("notThere");
  expect(headlineOf({ ...all, exists: null, may_read: false })).toBe("notThere");
  expect(headlineOf({ ...all, answer: "warn" })).toBe("warned");
  expect(headlineOf({ ...all, answer: "allow" })).toBe("allowed");
});
