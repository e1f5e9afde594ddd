// Passwords that the console makes up for somebody, to be told once.

/** Without those that are mistaken for each other when somebody reads them out. */
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const GROUPS = 4;
const GROUP = 5;

/** About 116 bits, in groups that can be read out. */
export function madeUpPassword(random: (bytes: Uint8Array) => Uint8Array = fill): string {
  const letters: string[] = [];
  while (letters.length < GROUPS * GROUP) {
    for (const byte of random(new Uint8Array(64))) {
      // Those above the last whole multiple would make some letters likelier than others.
      if (byte < 256 - (256 % LETTERS.length)) letters.push(LETTERS.charAt(byte % LETTERS.length));
    }
  }
  const groups = Array.from({ length: GROUPS }, (_, place) =>
    letters.slice(place * GROUP, (place + 1) * GROUP).join(""),
  );
  return groups.join("-");
}

function fill(bytes: Uint8Array): Uint8Array {
  return crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
}
