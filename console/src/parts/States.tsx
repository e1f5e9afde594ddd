// What stands where there is nothing to show: nothing yet, nothing at all, or a failure.
import { Button, Skeleton } from "@mantine/core";
import { CircleAlert, Inbox, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useCallback } from "react";
import { ApiError } from "~/api/error";
import { useSaid, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { Said } from "./Said";
import css from "./states.module.css";

/** Nothing there: says why, and what one can do. */
export function Empty({
  title,
  children,
  icon: Icon = Inbox,
}: {
  title: ReactNode;
  children?: ReactNode;
  icon?: LucideIcon;
}) {
  return (
    <div className={css.box}>
      <Icon size={28} strokeWidth={1.5} className={css.icon} aria-hidden="true" />
      <h2>{title}</h2>
      {children && <div className="dim">{children}</div>}
    </div>
  );
}

/** The shape of what comes. */
export function Loading({ rows = 6, height = 34 }: { rows?: number; height?: number }) {
  const say = useWords(parts);
  return (
    <div className={css.skeleton} role="status">
      <span className="unseen">{say("loading")}</span>
      {Array.from({ length: rows }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without anything in them
        <Skeleton key={place} height={height} radius="sm" />
      ))}
    </div>
  );
}

/** What the console itself says of a failure; of the others the server does. */
const OWN_WORDS: Record<string, "unreachable" | "unreadable" | "forbiddenText" | "notFoundText" | "tooMany"> =
  {
    unreachable: "unreachable",
    unreadable: "unreadable",
    forbidden: "forbiddenText",
    "not-found": "notFoundText",
    "too-many-requests": "tooMany",
  };

function ownWord(error: Error) {
  return error instanceof ApiError ? OWN_WORDS[error.kind] : undefined;
}

/** Says that a list has lost its end. */
export function Cut({ isCut, count }: { isCut?: boolean; count: number }) {
  const say = useWords(parts);
  return isCut ? <span className="dim">{say("isCut", { count })}</span> : null;
}

/** The sentence for a failed request, where there is room for a text alone. */
export function useFailureText(): (error: Error) => string {
  const say = useWords(parts);
  const said = useSaid();
  return useCallback(
    (error) => {
      const word = ownWord(error);
      return word ? say(word) : said(error.message);
    },
    [say, said],
  );
}

/** The sentence for a failed request. */
export function FailureText({ error }: { error: Error }) {
  const say = useWords(parts);
  const word = ownWord(error);
  return word ? say(word) : <Said text={error.message} />;
}

/** It could not be read: why, and once more. */
export function Failure({ error, again }: { error: Error; again?: () => void }) {
  const say = useWords(parts);
  const instance = error instanceof ApiError ? error.instance : undefined;
  return (
    <div className={css.box} role="alert">
      <CircleAlert size={28} strokeWidth={1.5} color="var(--bad)" aria-hidden="true" />
      <h2>{say("failure")}</h2>
      <div className="dim">
        <FailureText error={error} />
      </div>
      {instance && <div className="dim mono">{say("problemNumber", { id: instance })}</div>}
      {again && (
        <Button variant="default" onClick={again}>
          {say("tryAgain")}
        </Button>
      )}
    </div>
  );
}
