// The language, and how words, numbers and times are written in it.
import {
  createContext,
  Fragment,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from "react";
import { type Formats, formats } from "./format";
import { type Filling, pieces, type Text, type Words } from "./words";

export { words } from "./words";

export type Language = "en" | "zh";

export const LANGUAGES: { value: Language; label: string; locale: string }[] = [
  { value: "en", label: "English", locale: "en-GB" },
  { value: "zh", label: "简体中文", locale: "zh-CN" },
];

const KEPT = "plimsoll.language";

/** The kept language, or else the first of the browser's that we have. */
export function languageOf(kept: string | null, browser: readonly string[]): Language {
  if (kept === "en" || kept === "zh") return kept;
  for (const tag of browser) {
    if (tag.toLowerCase().startsWith("zh")) return "zh";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

interface LanguageValue {
  language: Language;
  setLanguage: (language: Language) => void;
  format: Formats;
  /** A sentence of the server in this language, where it is known. */
  said: (text: string) => string;
}

const asSaid = (text: string) => text;

const Context = createContext<LanguageValue | undefined>(undefined);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState<Language>(() => languageOf(read(), navigator.languages));
  const locale = LANGUAGES.find((it) => it.value === language)?.locale ?? "en-GB";
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  }, [language]);
  const [translated, setTranslated] = useState<(text: string) => string>();
  const isTranslated = language !== "en";
  useEffect(() => {
    // Who reads English never fetches it.
    if (isTranslated) void import("./said/zh").then((zh) => setTranslated(() => zh.translate), asSaid);
  }, [isTranslated]);
  const setLanguage = useCallback((language: Language) => {
    set(language);
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // Not kept then; it holds until the page is loaded again.
    }
  }, []);
  const value = useMemo(
    () => ({
      language,
      setLanguage,
      format: formats(locale),
      said: isTranslated && translated ? translated : asSaid,
    }),
    [language, setLanguage, locale, isTranslated, translated],
  );
  return <Context value={value}>{children}</Context>;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

export function useLanguage(): LanguageValue {
  const value = use(Context);
  if (value === undefined) throw new Error("useLanguage stands outside of LanguageProvider");
  return value;
}

/** How numbers, bytes, times and durations are written. */
export function useFormat(): Formats {
  return useLanguage().format;
}

/** Writes sentences of the server in the language chosen; those that are not known stay in English. */
export function useSaid(): (text: string) => string {
  return useLanguage().said;
}

type Value = string | number;

/** A text of an area by its key, filled in; `.rich` takes elements as well. */
export interface Say<T> {
  <K extends keyof T>(key: K, ...filling: Filling<T[K], Value>): string;
  rich: <K extends keyof T>(key: K, ...filling: Filling<T[K], ReactNode>) => ReactNode;
}

/** The words of an area in the language chosen. */
export function useWords<T extends Record<string, Text>>(area: Words<T>): Say<T> {
  const { language, format } = useLanguage();
  return useMemo(() => {
    const texts: Record<keyof T, Text> = area[language];
    const chosen = (key: keyof T, filling: Record<string, unknown> | undefined): string => {
      const text = texts[key];
      if (typeof text === "string") return text;
      const count = filling?.count;
      return format.isOne(typeof count === "number" ? count : Number.NaN) ? text.one : text.other;
    };
    const written = (value: unknown) => (typeof value === "number" ? format.number(value) : value);
    const say = ((key: keyof T, filling?: Record<string, unknown>) =>
      pieces(chosen(key, filling))
        .map((it) => it.text ?? String(written(filling?.[it.name ?? ""]) ?? ""))
        .join("")) as unknown as Say<T>;
    say.rich = ((key: keyof T, filling?: Record<string, ReactNode>) =>
      pieces(chosen(key, filling)).map((it, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text do not move
        <Fragment key={place}>{it.text ?? (written(filling?.[it.name ?? ""]) as ReactNode)}</Fragment>
      ))) as Say<T>["rich"];
    return say;
  }, [area, language, format]);
}
