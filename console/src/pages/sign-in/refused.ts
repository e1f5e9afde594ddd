// Why somebody could not be signed in elsewhere, as the server tells it in the address. Pure.

/** The codes of the server with our words for them. */
const WORDS = {
  over: "refusedOver",
  "not-accepted": "refusedNotAccepted",
  "no-account": "refusedNoAccount",
  issuer: "refusedIssuer",
  "too-many": "refusedTooMany",
  unavailable: "refusedUnavailable",
} as const;

/** The word for a code; none for one that is new to us. */
export function wordOf(code: string): (typeof WORDS)[keyof typeof WORDS] | undefined {
  return Object.entries(WORDS).find(([it]) => it === code)?.[1];
}

/** The code of an address. What is no code is nobody's text to show: anybody can send somebody a link. */
export function refusalOf(search: string): string | undefined {
  const code = new URLSearchParams(search).get("refused");
  return code !== null && /^[a-z][a-z0-9-]{0,31}$/.test(code) ? code : undefined;
}

/** The page to which signing in leads: the one asked for, without what was refused before. */
export function pageOf({ pathname, search }: { pathname: string; search: string }): string {
  const rest = new URLSearchParams(search);
  rest.delete("refused");
  const query = rest.toString();
  return `${pathname === "/sign-in" ? "/" : pathname}${query === "" ? "" : `?${query}`}`;
}
