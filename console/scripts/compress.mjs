// Writes FILE.gz beside every file of dist that shrinks by it; the server sends those as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

function* files(directory) {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (!path.endsWith(".gz")) yield path;
  }
}

let [raw, sent] = [0, 0];
for (const path of files("dist")) {
  const bytes = readFileSync(path);
  const packed = gzipSync(bytes, { level: 9 });
  raw += bytes.length;
  sent += Math.min(bytes.length, packed.length);
  if (packed.length < bytes.length) writeFileSync(`${path}.gz`, packed);
}
console.log(`dist: ${Math.round(raw / 1024)} kB, ${Math.round(sent / 1024)} kB compressed`);
