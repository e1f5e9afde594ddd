// Stands before a server and serves a console of its own build: for trying a change of the console in the
// journeys without building the program. Everything that is no file of the build goes to the server, whose
// headers its pages have, too.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";

const KINDS: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};
const SERVED = /^\/(api|v2|service|healthz|readyz|oidc)(\/|$)/;
/** What the server says of its own build. */
const OWN = new Set(["content-length", "content-encoding", "content-type", "etag", "transfer-encoding"]);

/** Serves `dist` at `host:port`, and all else from `server`. */
export function front(dist: string, at: string, server: string): Promise<() => Promise<void>> {
  const [host = "", port = ""] = at.split(":");
  const listener = createServer((asked, answered) => {
    const path = new URL(asked.url ?? "/", "http://front").pathname;
    if (SERVED.test(path)) pass(server, asked, answered);
    else page(dist, path, server, answered);
  });
  return new Promise((resolve) =>
    listener.listen(Number(port), host, () =>
      resolve(async () => {
        listener.closeAllConnections();
        await new Promise((done) => listener.close(done));
      }),
    ),
  );
}

function pass(server: string, asked: IncomingMessage, answered: ServerResponse): void {
  const { hostname, port } = new URL(server);
  const onward = request(
    { hostname, port, path: asked.url, method: asked.method, headers: asked.headers },
    (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(answered);
    },
  );
  onward.on("error", () => answered.destroy());
  answered.on("close", () => onward.destroy());
  asked.pipe(onward);
}

function page(dist: string, path: string, server: string, answered: ServerResponse): void {
  const file = join(dist, normalize(path));
  const isFile = file.startsWith(dist) && existsSync(file) && statSync(file).isFile();
  const served = isFile ? file : join(dist, "index.html");
  const { hostname, port } = new URL(server);
  request({ hostname, port, path: "/" }, (answer) => {
    answer.resume();
    const told = Object.entries(answer.headers).filter(([name]) => !OWN.has(name));
    const isPacked = existsSync(`${served}.gz`);
    answered.writeHead(200, {
      ...Object.fromEntries(told),
      "content-type": KINDS[extname(served)] ?? "application/octet-stream",
      ...(isPacked ? { "content-encoding": "gzip" } : {}),
    });
    answered.end(readFileSync(isPacked ? `${served}.gz` : served));
  }).end();
}
