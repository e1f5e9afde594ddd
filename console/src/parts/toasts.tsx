// Short messages that go away by themselves; failures stay longer. Announced to screen readers.
import { CloseButton } from "@mantine/core";
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { useWords } from "~/i18n";
import { shell } from "~/i18n/words/shell";
import { FailureText } from "./States";
import css from "./toast.module.css";

interface Toast {
  id: number;
  text: ReactNode;
  isBad: boolean;
}

interface Toasts {
  done: (text: ReactNode) => void;
  failed: (error: Error) => void;
  /** A failure in other words than its own. */
  bad: (text: ReactNode) => void;
}

const Context = createContext<Toasts | undefined>(undefined);
let count = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const say = useWords(shell);
  const [toasts, setToasts] = useState<Toast[]>([]);
  const drop = useCallback((id: number) => setToasts((now) => now.filter((it) => it.id !== id)), []);
  const add = useCallback(
    (text: ReactNode, isBad: boolean) => {
      const id = ++count;
      setToasts((now) => [...now.slice(-4), { id, text, isBad }]);
      setTimeout(() => drop(id), isBad ? 12_000 : 5_000);
    },
    [drop],
  );
  const value = useMemo<Toasts>(
    () => ({
      done: (text) => add(text, false),
      failed: (error) => add(<FailureText error={error} />, true),
      bad: (text) => add(text, true),
    }),
    [add],
  );
  return (
    <Context value={value}>
      {children}
      <section className={css.list} aria-label={say("messages")} aria-live="polite">
        {toasts.map((it) => (
          <div key={it.id} className={css.toast} data-bad={it.isBad || undefined}>
            <div className={css.text}>{it.text}</div>
            <CloseButton size="sm" aria-label={say("dismiss")} onClick={() => drop(it.id)} />
          </div>
        ))}
      </section>
    </Context>
  );
}

/** Says that something was done, or why it was not. */
export function useToasts(): Toasts {
  const value = use(Context);
  if (value === undefined) throw new Error("useToasts stands outside of ToastProvider");
  return value;
}
