// The typed client of the public interface. The session is a cookie that scripts cannot read; requests
// that change something carry the session's value besides it.
import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, problem } from "./error";
import type { paths } from "./schema";

let csrfToken: string | undefined;

/** Remembers what requests that change something have to carry; in memory alone. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** What a request that changes something has to carry, for those that are not sent by `api`. */
export function csrfHeader(): Record<string, string> {
  return csrfToken === undefined ? {} : { "X-CSRF-Token": csrfToken };
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== undefined && request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
};

/** The address of the interface, also for links that a browser follows itself. */
export const BASE = "/api/v1";

export const api = createClient<paths>({
  baseUrl: BASE,
  // Looked up with each request, so that tests can stand in for it.
  fetch: (request) => globalThis.fetch(request),
});
api.use(middleware);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const LISTENERS = new Set<() => void>();

/** Calls back when the server no longer knows who we are. */
export function onSignedOut(listener: () => void): () => void {
  LISTENERS.add(listener);
  return () => LISTENERS.delete(listener);
}

/** What the server answered, or an [`ApiError`] thrown. */
export async function answer<T>(request: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await request.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("unreachable", 0, undefined);
  });
  if (response.ok) return data as T;
  const refusal = problem(response.status, error);
  // Before signing in a refusal is no news.
  if (refusal.kind === "unauthenticated" && csrfToken !== undefined)
    for (const listener of LISTENERS) listener();
  throw refusal;
}
