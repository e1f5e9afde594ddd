// What was sent to one webhook, and what became of it.
import { Button } from "@mantine/core";
import { CircleAlert, CircleCheck, Clock3, RotateCw } from "lucide-react";
import { useAct, useOld } from "~/api/act";
import { usePages } from "~/api/pages";
import type { Delivery, Webhook } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { webhookWords } from "~/i18n/words/webhooks";
import { plain } from "~/parts/Advisory";
import { CopyButton } from "~/parts/Copy";
import { Failure, Loading } from "~/parts/States";
import { TimeAgo, useNow } from "~/parts/Values";
import css from "./deliveries.module.css";
import { useKindWord } from "./Webhooks";
import type { WebhookCalls } from "./webhookCalls";

export function Deliveries({ calls, webhook }: { calls: WebhookCalls; webhook: Webhook }) {
  const say = useWords(webhookWords);
  const word = useWords(parts);
  const list = usePages(["deliveries", calls.namespace ?? "", webhook.id], (cursor, signal) =>
    calls.deliveries(webhook.id, cursor, signal),
  );
  if (list.error && list.items.length === 0) return <Failure error={list.error} again={list.again} />;
  if (list.isPending) return <Loading rows={3} />;
  return (
    <section aria-label={say("deliveriesOf", { name: webhook.settings.name })}>
      <div className="spread">
        <h2 className={css.heading}>{say("deliveries")}</h2>
        <Button size="compact-sm" variant="subtle" leftSection={<RotateCw size={13} />} onClick={list.again}>
          {say("look")}
        </Button>
      </div>
      {list.items.length === 0 ? (
        <p className="dim">{say("noDeliveries")}</p>
      ) : (
        <ul className={css.list}>
          {list.items.map((it) => (
            <Row key={it.id} calls={calls} delivery={it} />
          ))}
        </ul>
      )}
      {list.hasMore && (
        <Button size="compact-sm" variant="default" loading={list.isReadingMore} onClick={list.more}>
          {word("loadMore")}
        </Button>
      )}
    </section>
  );
}

const LOOKS = {
  delivered: [CircleCheck, "var(--good-text)", "delivered"],
  failed: [CircleAlert, "var(--bad-text)", "failed"],
  waiting: [Clock3, "var(--text-dim)", "waiting"],
} as const;

function Row({ calls, delivery }: { calls: WebhookCalls; delivery: Delivery }) {
  const say = useWords(webhookWords);
  const kindWord = useKindWord();
  const format = useFormat();
  const now = useNow(5);
  const old = useOld();
  const [act, isBusy] = useAct();
  const [Icon, color, word] = LOOKS[delivery.state as keyof typeof LOOKS] ?? LOOKS.waiting;
  const again = () =>
    act(async () => {
      await calls.again(delivery.id);
      old("deliveries");
      return say("sentAgain");
    });
  const facts = [
    ...(delivery.status ? [`HTTP ${delivery.status}`] : []),
    ...(delivery.attempts > 0 ? [say("attempts", { count: delivery.attempts })] : []),
    ...(delivery.next_at ? [say("next", { ago: format.relative(new Date(delivery.next_at), now) })] : []),
  ];
  return (
    <li className={css.row}>
      <span className={css.state} style={{ color }}>
        <Icon size={14} aria-hidden="true" />
        {say(word)}
      </span>
      <span className={css.what}>
        <span>
          {kindWord(delivery.kind)} <code className="dim">{delivery.event}</code>
          <CopyButton text={delivery.event} />
        </span>
        {(facts.length > 0 || delivery.error) && (
          <span className="dim">
            {facts.join(" · ")}
            {delivery.error && ` · ${plain(delivery.error)}`}
          </span>
        )}
      </span>
      <span className="dim">
        <TimeAgo time={delivery.created_at} />
      </span>
      <Button size="compact-xs" variant="default" loading={isBusy} onClick={again}>
        {say(delivery.state === "waiting" ? "sendNow" : "sendAgain")}
      </Button>
    </li>
  );
}
