// A real server for the journeys: its own data, the vulnerability database and the images that the
// environment names.
//
//   PLIMSOLL_BINARY   the program, with the console in it; target/debug/plimsoll unless said
//   PLIMSOLL_DB_DIR   a built vulnerability database; it is copied
//   PLIMSOLL_CORPUS   a folder with images as OCI layouts in oci/NAME and, broken ones, in hostile/NAME
//   PLIMSOLL_DIST     a built console that is looked at in place of the program's own
//
// For working on the console against a server that runs, with what is in it:
//
//   PLIMSOLL_CONSOLE  its address, or that of vite before it
//   PLIMSOLL_PASSWORD the password of its account `admin`

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { front } from "./front";

const run = promisify(execFile);

export const ADMIN = {
  name: "admin",
  password: process.env.PLIMSOLL_PASSWORD ?? "a-long-password-for-journeys",
};

export interface Started {
  url: string;
  stop: () => Promise<void>;
}

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || !existsSync(value)) throw new Error(`${name} has to name something that exists`);
  return resolve(value);
}

function program(): string {
  const binary = resolve(process.env.PLIMSOLL_BINARY ?? "../target/debug/plimsoll");
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it, or set PLIMSOLL_BINARY`);
  return binary;
}

/** A server of its own data. With a bundle its vulnerability database is what is in there, and no more. */
export async function start({ bundle }: { bundle?: string } = {}): Promise<Started> {
  const binary = program();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-console-"));
  if (bundle === undefined) cpSync(needed("PLIMSOLL_DB_DIR"), join(folder, "db"), { recursive: true });
  else await run(binary, ["db", "import", "--insecure-no-signature", "--db-dir", join(folder, "db"), bundle]);
  writeFileSync(join(folder, "password"), ADMIN.password);
  // Refusals name the pages of an address that the server was told.
  const address = `127.0.0.1:${await freePort()}`;
  const own = process.env.PLIMSOLL_DIST === undefined ? address : `127.0.0.1:${await freePort()}`;
  const parameters = ["serve", "--listen", own, "--external-url", `http://${address}`];
  parameters.push("--log-format", "json", "--update-feeds", "false");
  parameters.push("--data-dir", join(folder, "data"), "--db-dir", join(folder, "db"));
  parameters.push("--cache-dir", join(folder, "cache"), "--admin-password-file", join(folder, "password"));
  const { url, stop } = await begun(binary, parameters, address);
  return {
    url,
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function begun(binary: string, parameters: string[], address: string): Promise<Started> {
  const child = spawn(binary, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  const url = await listening(child);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  const dist = process.env.PLIMSOLL_DIST;
  if (dist === undefined) return { url, stop };
  const leave = await front(resolve(dist), address, url);
  return {
    url: `http://${address}`,
    stop: async () => {
      await leave();
      await stop();
    },
  };
}

/** Debian's own registry, empty, as one of others. Its program is `docker-registry`. */
export async function other(): Promise<Started & { host: string }> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-other-"));
  const host = `127.0.0.1:${await freePort()}`;
  const settings = ["version: 0.1", "storage:", "  filesystem:", `    rootdirectory: ${folder}/data`];
  writeFileSync(join(folder, "config.yml"), [...settings, "http:", `  addr: ${host}`, ""].join("\n"));
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  await answering(`http://${host}/v2/`);
  return {
    url: `http://${host}`,
    host,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const isThere = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    if (Date.now() > end) throw new Error(`nothing answers at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Writes one feed of the vulnerability database to a file, as for a place without internet. */
export async function exported(feed: string, file: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bundle-"));
  try {
    cpSync(needed("PLIMSOLL_DB_DIR"), join(folder, "db"), { recursive: true });
    await run(program(), ["db", "export", "-q", "--db-dir", join(folder, "db"), "--feed", feed, "-o", file]);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The address that the server says it listens on. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said.join("\n")}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const address = /"address":"(http:[^"]+)"/.exec(line)?.[1];
        if (address !== undefined && line.includes('"listening"')) resolve(address);
      });
    }
  });
}

/** The interface for programs, as the administrator or somebody else. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly who = ADMIN,
  ) {}

  as(name: string, password: string): Api {
    return new Api(this.url, { name, password });
  }

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const basic = Buffer.from(`${this.who.name}:${this.who.password}`).toString("base64");
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Basic ${basic}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** The number of the answer alone: for what is refused. */
  async status(method: string, path: string, body?: unknown): Promise<number> {
    try {
      await this.call(method, path, body);
      return 200;
    } catch (error) {
      return Number(/: (\d{3}) /.exec(String(error))?.[1]);
    }
  }

  /** Asks again until the answer is good; what is not there yet may come. */
  async until<T>(path: string, good: (answer: T) => boolean, seconds = 90): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await this.call<T>("GET", path).catch((error) => {
        if (!/: 404 /.test(String(error))) throw error;
      });
      if (answer !== undefined && good(answer)) return answer;
      if (Date.now() > end) throw new Error(`${path} did not become so: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

/** Copies an image of the corpus to the server, as a real client does; a broken one is `hostile/NAME`. */
export async function push(url: string, image: string, to: string, who = ADMIN): Promise<void> {
  const from = `oci:${needed("PLIMSOLL_CORPUS")}/${image.includes("/") ? image : `oci/${image}`}`;
  const target = `docker://${url.replace("http://", "")}/${to}`;
  const credentials = `${who.name}:${who.password}`;
  await run("skopeo", [
    "copy",
    "-q",
    "--all",
    "--dest-tls-verify=false",
    "--dest-creds",
    credentials,
    from,
    target,
  ]);
}

/** Pulls an image; gives what the client says where it is refused. */
export async function pull(url: string, image: string, who = ADMIN): Promise<{ refused?: string }> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-pull-"));
  const credentials = `${who.name}:${who.password}`;
  const from = `docker://${url.replace("http://", "")}/${image}`;
  try {
    await run("skopeo", [
      "copy",
      "-q",
      "--src-tls-verify=false",
      "--src-creds",
      credentials,
      from,
      `dir:${folder}`,
    ]);
    return {};
  } catch (error) {
    return { refused: String((error as { stderr?: string }).stderr ?? error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
