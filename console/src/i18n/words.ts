// Words in every language of the console. A file of words is one area's: a page brings its own, so that
// it is loaded with the page. The compiler holds that every language has the same keys.

/** A text, or one for each plural form of `count`. */
export type Text = string | { one: string; other: string };

type Texts = Record<string, Text>;

/** One area's words. */
export interface Words<T extends Texts = Texts> {
  en: T;
  zh: { [K in keyof T]: Text };
}

/** Joins one area's languages. What stands in braces is filled in: `"{count} tags"`. */
export function words<const T extends Texts>(en: T, zh: { [K in keyof T]: Text }): Words<T> {
  return { en, zh };
}

type Holes<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;
type HolesOf<T> = T extends { one: infer A; other: infer B } ? Holes<A> | Holes<B> | "count" : Holes<T>;

/** What a text has to be given. */
export type Filling<T, V> = [HolesOf<T>] extends [never] ? [] : [{ [K in HolesOf<T>]: V }];

/** The pieces of a text: its words as they are, what stands in braces as a name. */
export function pieces(text: string): { text?: string; name?: string }[] {
  return text
    .split(/(\{\w+\})/)
    .filter((part) => part !== "")
    .map((part) => (/^\{\w+\}$/.test(part) ? { name: part.slice(1, -1) } : { text: part }));
}
