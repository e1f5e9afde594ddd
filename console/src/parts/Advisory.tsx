// Texts and addresses of advisories, packages and images: written by strangers, some of them hostile.
// Shown as text, never as markup; only addresses of the web become links.
import { ExternalLink } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import css from "./advisory.module.css";

/** An address that may be followed, or nothing. */
export function safeAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || text.length > 2048) return undefined;
  try {
    const url = new URL(text);
    // Who stands before the host is mostly there to deceive.
    return url.username === "" && url.password === "" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** A link to another site, if the address is one of the web; else its text. */
export function SafeLink({ href, children }: { href: string; children?: ReactNode }) {
  const say = useWords(parts);
  const address = safeAddress(href);
  if (address === undefined) return <span>{children ?? href}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer">
      {children ?? href}
      <ExternalLink
        size={12}
        aria-label={say("opensElsewhere")}
        style={{ marginInlineStart: 3, verticalAlign: -1 }}
      />
    </a>
  );
}

// Control characters and those that turn the direction of writing round: they hide what is written.
const DECEIVING = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}\ufeff]/gu;

/** A text without what would make it look like another one. */
export function plain(text: string): string {
  return text.replace(DECEIVING, "\ufffd");
}

/** An address in a text, alone or as Markdown writes it with other words, and a piece of code. */
const PIECE =
  /(\[[^[\]\n]{1,300}\]\(https?:\/\/[^\s<>"'`()]+\)|https?:\/\/[^\s<>"'`()[\]]*[^\s<>"'`()[\].,;:!?*]|`[^`\n]+`)/g;

/** A paragraph with its addresses as links. Words that stand for an address do not hide where it leads. */
function Line({ text }: { text: string }) {
  return text.split(PIECE).map((piece, place) => {
    const key = `${place} ${piece}`;
    if (place % 2 === 0) return <Fragment key={key}>{piece}</Fragment>;
    if (piece.startsWith("`")) return <code key={key}>{piece.slice(1, -1)}</code>;
    const [, words, address] = /^\[(.*)\]\((.*)\)$/.exec(piece) ?? [];
    if (words === undefined || address === undefined) return <SafeLink key={key} href={piece} />;
    const host = hostOf(address);
    return (
      <Fragment key={key}>
        {words} (<SafeLink href={address}>{host}</SafeLink>)
      </Fragment>
    );
  });
}

function hostOf(address: string): string {
  const safe = safeAddress(address);
  return safe === undefined ? address : new URL(safe).host;
}

/** A text in paragraphs. Of Markdown only headings, links and code are seen, since most texts have them. */
export function AdvisoryText({ text }: { text: string }) {
  const paragraphs = plain(text)
    .split(/\n\s*\n|\n(?=#{1,6} )/)
    .map((it) => it.trim())
    .filter((it) => it !== "");
  return paragraphs.map((paragraph, place) => {
    const [, heading, rest] = /^#{1,6} +([^\n]+)\n?([\s\S]*)$/.exec(paragraph) ?? [];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs of a text do not move
      <p key={place} className={css.paragraph}>
        {heading !== undefined && (
          <strong>
            <Line text={heading} />
            {rest !== "" && "\n"}
          </strong>
        )}
        <Line text={heading === undefined ? paragraph : (rest ?? "")} />
      </p>
    );
  });
}
