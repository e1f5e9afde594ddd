// A sentence of the server, in the language of whoever reads; as it was said, on request.
import { useState } from "react";
import { useSaid, useWords } from "~/i18n";
import { parts } from "~/i18n/words/parts";
import { plain } from "./Advisory";
import css from "./said.module.css";

interface SaidProps {
  text: string;
  /** In a row of a list there is no room for the button; its details have it. */
  isShort?: boolean;
}

export function Said({ text, isShort }: SaidProps) {
  const say = useWords(parts);
  const said = useSaid();
  const [isOriginal, setOriginal] = useState(false);
  const original = plain(text);
  const written = plain(said(text));
  if (written === original) return <>{original}</>;
  if (isShort) return <span title={original}>{written}</span>;
  return (
    <>
      <span lang={isOriginal ? "en" : undefined}>{isOriginal ? original : written}</span>{" "}
      <button type="button" className={css.swap} onClick={() => setOriginal(!isOriginal)}>
        {say(isOriginal ? "saidTranslated" : "saidOriginal")}
      </button>
    </>
  );
}
