// Webhooks of a namespace or of the whole instance: the same requests at two addresses.
import { answer, api } from "~/api/client";
import type { Delivery, Webhook } from "~/api/types";

export type WebhookSet = Webhook["settings"];
type Page<T> = Promise<{ items: T[]; next: string | null }>;

export interface WebhookCalls {
  /** None where they hear of every namespace. */
  namespace?: string;
  list: (cursor: string | undefined, signal: AbortSignal) => Page<Webhook>;
  create: (body: WebhookSet) => Promise<{ id: number; secret: string }>;
  change: (webhook: number, body: WebhookSet) => Promise<unknown>;
  remove: (webhook: number) => Promise<unknown>;
  /** Sends an event that says nothing, to see whether it arrives. */
  ping: (webhook: number) => Promise<unknown>;
  deliveries: (webhook: number, cursor: string | undefined, signal: AbortSignal) => Page<Delivery>;
  again: (delivery: number) => Promise<unknown>;
}

const ALL = "/namespaces/{namespace}/webhooks";
const ONE = "/namespaces/{namespace}/webhooks/{webhook}";

export function webhooksOf(namespace: string): WebhookCalls {
  const path = { namespace };
  return {
    namespace,
    list: (cursor, signal) =>
      answer(api.GET(ALL, { params: { path, query: { cursor, limit: 100 } }, signal })),
    create: (body) => answer(api.POST(ALL, { params: { path }, body })),
    change: (webhook, body) => answer(api.PUT(ONE, { params: { path: { namespace, webhook } }, body })),
    remove: (webhook) => answer(api.DELETE(ONE, { params: { path: { namespace, webhook } } })),
    ping: (webhook) => answer(api.POST(`${ONE}/ping`, { params: { path: { namespace, webhook } } })),
    deliveries: (webhook, cursor, signal) =>
      answer(
        api.GET(`${ONE}/deliveries`, {
          params: { path: { namespace, webhook }, query: { cursor, limit: 100 } },
          signal,
        }),
      ),
    again: (delivery) =>
      answer(
        api.POST("/namespaces/{namespace}/deliveries/{delivery}/again", {
          params: { path: { namespace, delivery } },
        }),
      ),
  };
}

const EVERY = "/webhooks/{webhook}";

export const WEBHOOKS_EVERYWHERE: WebhookCalls = {
  list: (cursor, signal) =>
    answer(api.GET("/webhooks", { params: { query: { cursor, limit: 100 } }, signal })),
  create: (body) => answer(api.POST("/webhooks", { body })),
  change: (webhook, body) => answer(api.PUT(EVERY, { params: { path: { webhook } }, body })),
  remove: (webhook) => answer(api.DELETE(EVERY, { params: { path: { webhook } } })),
  ping: (webhook) => answer(api.POST(`${EVERY}/ping`, { params: { path: { webhook } } })),
  deliveries: (webhook, cursor, signal) =>
    answer(
      api.GET(`${EVERY}/deliveries`, {
        params: { path: { webhook }, query: { cursor, limit: 100 } },
        signal,
      }),
    ),
  again: (delivery) => answer(api.POST("/deliveries/{delivery}/again", { params: { path: { delivery } } })),
};
