// What is there to be copied: digests, commands, addresses.
import { ActionIcon, Tooltip } from "@mantine/core";
import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./copy.module.css";

/** Copies also where a page has no clipboard: over HTTP at another machine's address. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const say = useWords(parts);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const words = copied ? say("copied") : (label ?? say("copy"));
  return (
    <Tooltip label={words}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label ?? say("copy")}
        onClick={() => void copy(text).then(() => setCopied(true))}
      >
        {copied ? <Check size={14} /> : <CopyIcon size={14} />}
        <span className="unseen" aria-live="polite">
          {copied ? say("copied") : ""}
        </span>
      </ActionIcon>
    </Tooltip>
  );
}

/** As much of a digest as people compare. */
export function shortDigest(digest: string): string {
  const [algorithm = "", hex] = digest.split(":");
  return hex === undefined
    ? digest.slice(0, 19)
    : `${algorithm === "sha256" ? "" : `${algorithm}:`}${hex.slice(0, 12)}`;
}

export function Digest({ digest, canCopy = true }: { digest: string; canCopy?: boolean }) {
  const say = useWords(parts);
  return (
    <span className={css.digest}>
      <span title={digest}>{shortDigest(digest)}</span>
      {canCopy && <CopyButton text={digest} label={say("copyDigest")} />}
    </span>
  );
}

/** A text to be copied, whole. */
export function CopyField({ text, label }: { text: string; label?: string }) {
  return (
    <div className={css.field}>
      <span className={css.wrapped}>{text}</span>
      <CopyButton text={text} label={label} />
    </div>
  );
}

/** A command of a shell. The prompt is not copied with it. */
export function Command({ text, label }: { text: string; label?: string }) {
  return (
    <div className={css.field}>
      <span className={css.text}>
        <span className={css.prompt} aria-hidden="true">
          ${" "}
        </span>
        {text}
      </span>
      <CopyButton text={text} label={label} />
    </div>
  );
}
