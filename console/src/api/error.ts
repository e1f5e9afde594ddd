// One type for every way in which a request can fail.
import type { ProblemDetails } from "./types";

/** The end of the problem's `type`, or why there is no problem document at all. */
export type ProblemKind =
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "not-available"
  | "too-many-requests"
  | "busy"
  | "unreachable"
  | "unreadable"
  | (string & {});

/** A refusal of the server (RFC 9457), or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly kind: ProblemKind,
    /** 0 where there was no answer. */
    readonly status: number,
    /** A sentence for a person, if the server said one. */
    readonly detail: string | undefined,
    /** Which part of the request, as the server names it. */
    readonly pointer?: string,
    /** The number by which the server's log knows it. */
    readonly instance?: string,
    title?: string,
  ) {
    super(detail ?? title ?? `the server answered ${status}`);
  }
}

const TYPE = "urn:plimsoll:problem:";

/** Reads a refusal. A proxy's page in place of ours is told apart and not shown. */
export function problem(status: number, body: unknown): ApiError {
  if (!isProblem(body)) return new ApiError("unreadable", status, undefined);
  const kind = body.type.startsWith(TYPE) ? body.type.slice(TYPE.length) : body.type;
  return new ApiError(
    kind,
    status,
    body.detail ?? undefined,
    body.pointer ?? undefined,
    body.instance ?? undefined,
    body.title,
  );
}

function isProblem(body: unknown): body is ProblemDetails {
  return typeof body === "object" && body !== null && "type" in body && typeof body.type === "string";
}

/** Whether asking again by itself may help. */
export function mayHelpToRetry(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 502 || error.status >= 503);
}
