// Where a scan stands, in the words of the product, with an icon of its own.
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleStop,
  Clock3,
  LoaderCircle,
  type LucideIcon,
} from "lucide-react";
import type { ScanState } from "~/api/types";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./state.module.css";

const LOOKS: Record<ScanState, [LucideIcon, string]> = {
  not_scanned: [CircleDashed, "var(--text-dim)"],
  not_supported: [Ban, "var(--text-dim)"],
  queued: [Clock3, "var(--text-dim)"],
  scanning: [LoaderCircle, "var(--busy)"],
  failed: [CircleAlert, "var(--bad-text)"],
  complete: [CircleCheck, "var(--good-text)"],
  stopped: [CircleStop, "var(--text-dim)"],
};

export function StateWord({ state }: { state: ScanState }) {
  const say = useWords(parts);
  const [Icon, color] = LOOKS[state];
  return (
    <span className={css.word} style={{ color }}>
      <Icon size={14} className={state === "scanning" ? css.turning : css.icon} aria-hidden="true" />
      {say(state)}
    </span>
  );
}
