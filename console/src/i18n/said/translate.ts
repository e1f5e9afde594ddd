// The server's sentences in another language: found again by their form, and written anew with what stood
// in their gaps. A sentence that is not known stays as it was said. Pure.

/** A sentence as the server forms it, and as it is in the other language. */
export type Row = readonly [said: string, written: string];

/** What a gap may hold: most hold a name, and nothing that joins sentences. The others are as narrow as can
 * be, since a text full of spaces is tried in every way in which it can be divided among them. */
const ANY = "((?:(?!; | \\[).)+?)";
const SEVERITY = "(critical|high|medium|low|negligible|unknown)";
const GAPS: Record<string, string> = {
  // These are written anew themselves.
  why: "(.+?)",
  upgrades: "(.+?)",
  which: "( that can be fixed| with a fix for \\d+ days or longer|)",
  without: "([a-z ]{1,60}?)",
  end: "( <=? \\S+ \\([a-z, ]{1,60}\\))",
  since: "( since [\\d-]+|)",
  severity: SEVERITY,
  level: SEVERITY,
  what: "([a-z ]{1,40}?)",
  // These are not needed in the other language.
  noun: "(vulnerability|vulnerabilities)",
  verb: "(is|are|has|have|does|do|may be)",
  count: "(\\d+)",
};
const NESTED = new Set(["why", "which", "without", "end", "since", "severity", "level", "what"]);

interface Form {
  pattern: RegExp;
  gaps: string[];
  written: string;
}

const GAP = /\{(\w+)\}/g;
const LENGTH_MAX = 2_000;
const KEPT_MAX = 2_000;
const DEPTH_MAX = 4;

function formOf([said, written]: Row): Form {
  const gaps = [...said.matchAll(GAP)].map((it) => it[1] ?? "");
  const pattern = said
    .split(GAP)
    .map((piece, place) => {
      if (place % 2 === 0) return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return GAPS[piece] ?? ANY;
    })
    .join("");
  return { pattern: new RegExp(`^${pattern}$`, "s"), gaps, written };
}

/** What writes the sentences of a table anew. */
export function translator(rows: readonly Row[]): (text: string) => string {
  const forms = rows.map(formOf);
  const kept = new Map<string, string>();

  const whole = (text: string, depth: number): string | undefined => {
    if (depth > DEPTH_MAX) return undefined;
    for (const { pattern, gaps, written } of forms) {
      const found = pattern.exec(text);
      if (!found) continue;
      const values = new Map(
        gaps.map((name, place) => {
          const value = found[place + 1] ?? "";
          if (name === "upgrades") return [name, listed(value, depth + 1)];
          return [name, NESTED.has(name) ? (any(value, depth + 1) ?? value) : value];
        }),
      );
      return written.replaceAll(GAP, (_, name: string) => values.get(name) ?? "");
    }
    return undefined;
  };

  /** Several things with commas between them. */
  const listed = (text: string, depth: number): string =>
    text
      .split(/, (?:and )?/)
      .map((it) => whole(it, depth) ?? it)
      .join("、");

  /** A sentence with what it names in brackets behind it. */
  const withNames = (text: string, depth: number): string | undefined => {
    const [, head, names] = /^(.+?) \[(.+)\]$/s.exec(text) ?? [];
    if (head === undefined || names === undefined) return undefined;
    const first = whole(head, depth);
    return (
      first &&
      `${first} [${names
        .split("; ")
        .map((it) => whole(it, depth) ?? it)
        .join("；")}]`
    );
  };

  /** What failed, and why: `the layer cannot be read: the disk is full`. */
  const withCause = (text: string, depth: number): string | undefined => {
    const place = text.indexOf(": ");
    const first = place > 0 ? whole(text.slice(0, place), depth) : undefined;
    return first && `${first}：${any(text.slice(place + 2), depth + 1) ?? text.slice(place + 2)}`;
  };

  const any = (text: string, depth: number): string | undefined => {
    const one = whole(text, depth) ?? withNames(text, depth);
    if (one !== undefined) return one;
    const pieces = piecesOf(text);
    if (pieces.length > 1 && depth <= DEPTH_MAX) {
      const written = pieces.map((it) => any(it, depth + 1));
      if (written.some((it) => it !== undefined)) {
        return written.map((it, place) => it ?? pieces[place]).join("；");
      }
    }
    return withCause(text, depth);
  };

  return (text) => {
    // The texts of images stand in some sentences, and may be long.
    if (text.length > LENGTH_MAX) return text;
    const before = kept.get(text);
    if (before !== undefined) return before;
    const written = any(text, 0) ?? text;
    if (kept.size > KEPT_MAX) kept.clear();
    kept.set(text, written);
    return written;
  };
}

/** Sentences that are joined by semicolons; those inside of brackets belong to what they stand behind. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let begin = 0;
  let open = 0;
  for (let place = 0; place < text.length; place++) {
    const letter = text[place];
    if (letter === "[") open++;
    else if (letter === "]") open = Math.max(0, open - 1);
    else if (letter === ";" && text[place + 1] === " " && open === 0) {
      pieces.push(text.slice(begin, place));
      begin = place + 2;
    }
  }
  pieces.push(text.slice(begin));
  return pieces;
}
