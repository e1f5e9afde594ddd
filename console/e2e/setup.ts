// Starts the server for all journeys and fills it with what they look at.
import { Api, push, start } from "./server";

export default async function setup(): Promise<() => Promise<void>> {
  const running = process.env.PLIMSOLL_CONSOLE;
  if (running !== undefined) {
    process.env.JOURNEY_SERVER = running;
    return async () => {};
  }
  const server = await start();
  process.env.JOURNEY_SERVER = server.url;
  try {
    await fill(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.stop;
}

/** [namespace, whether it scans by itself, its images: name here and in the corpus] */
const NAMESPACES: [string, boolean, [string, string][]][] = [
  [
    "payments",
    true,
    [
      ["api:1.4.0", "debian-python-old"],
      ["web:2.0", "node-old"],
      ["ledger:7", "java-jars"],
      ["gateway:0.9", "go-binary"],
    ],
  ],
  [
    "platform",
    true,
    [
      ["alpine:3.20.3", "alpine-3.20.3"],
      ["alpine:multi", "alpine-multiarch"],
      ["base/debian:slim", "debian-slim"],
    ],
  ],
  ["lab", false, [["ubuntu:20.04", "ubuntu-2004"]]],
];

async function fill(url: string): Promise<void> {
  const api = new Api(url);
  for (const [name, auto_scan, images] of NAMESPACES) {
    await api.call("POST", "/namespaces", { name, auto_scan });
    for (const [image, from] of images) await push(url, from, `${name}/${image}`);
  }
  await api.call("POST", "/users", { name: "reader", password: "a-long-password-for-reading" });
  await api.call("PUT", "/namespaces/platform/grants/user/reader/read");
  await api.until<{ items: { scan: { state: string } }[] }>("/artifacts?limit=100", ({ items }) =>
    items.every((it) => !["queued", "scanning"].includes(it.scan.state)),
  );
}
