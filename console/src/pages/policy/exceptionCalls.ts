// The exceptions of a namespace or of the whole instance: the same requests at two addresses.
import { answer, api } from "~/api/client";
import type { Exception } from "~/api/types";

export interface NewExceptions {
  vulnerabilities: string[];
  reason: string;
  expires_at?: string;
  package?: string;
  repository?: string;
  tags?: string;
  paths?: string;
}

type Page = { items: Exception[]; next: string | null };

export interface ExceptionCalls {
  /** None where they are for every namespace. */
  namespace?: string;
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>;
  create: (body: NewExceptions) => Promise<unknown>;
  end: (exception: number) => Promise<unknown>;
}

const LIMIT = 500;

export function exceptionsOf(namespace: string): ExceptionCalls {
  const path = { namespace };
  return {
    namespace,
    list: (cursor, signal) =>
      answer(
        api.GET("/namespaces/{namespace}/exceptions", {
          params: { path, query: { cursor, limit: LIMIT } },
          signal,
        }),
      ),
    create: (body) => answer(api.POST("/namespaces/{namespace}/exceptions", { params: { path }, body })),
    end: (exception) =>
      answer(
        api.DELETE("/namespaces/{namespace}/exceptions/{exception}", {
          params: { path: { namespace, exception } },
        }),
      ),
  };
}

export const EXCEPTIONS_EVERYWHERE: ExceptionCalls = {
  list: (cursor, signal) =>
    answer(api.GET("/exceptions", { params: { query: { cursor, limit: LIMIT } }, signal })),
  create: (body) => answer(api.POST("/exceptions", { body })),
  end: (exception) => answer(api.DELETE("/exceptions/{exception}", { params: { path: { exception } } })),
};
