// The exceptions by which an image may be pulled: on whose word, why, and until when.
import type { PullCheck } from "~/api/types";
import { useFormat, useWords } from "~/i18n";
import { why } from "~/i18n/words/why";
import { plain } from "~/parts/Advisory";
import css from "./why.module.css";

export function Exceptions({ found }: { found: PullCheck }) {
  const say = useWords(why);
  const format = useFormat();
  if (found.exceptions.length === 0) return null;
  return (
    <section className="card">
      <h2>{say("exceptions")}</h2>
      <ul className={css.steps}>
        {found.exceptions.map(({ id, vulnerability, author, reason, expires_at }) => (
          <li key={id}>
            {say("exceptionBy", { vulnerability, author, reason: plain(reason) })},{" "}
            {expires_at ? say("until", { date: format.date(new Date(expires_at)) }) : say("forEver")}
          </li>
        ))}
      </ul>
    </section>
  );
}
