// How much script the web app sends, compressed: before anybody can sign in, and for each page after.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** What the sign-in and the frame may come to: a second on a slow connection. */
const FIRST_MAX = 250_000;

const kB = (bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`;

/** Everything that chunks cannot run without, themselves included. */
function closure(manifest, keys, found = new Set()) {
  for (const key of keys)
    if (!found.has(key)) closure(manifest, manifest[key].imports ?? [], found.add(key));
  return found;
}

/** Prints the sizes of a build, and tells whether what is loaded first is small enough. */
export function checkSizes(dist) {
  const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
  const sizeOf = (keys) =>
    [...keys]
      .map((key) => gzipSync(readFileSync(join(dist, manifest[key].file))).length)
      .reduce((sum, size) => sum + size, 0);
  const entry = manifest["index.html"];
  // The entry itself imports the app, as soon as it has made the settings that come before it.
  const first = closure(manifest, ["index.html", ...entry.dynamicImports]);
  const more = (key) => [...closure(manifest, [key])].filter((one) => !first.has(one));
  const pages = Object.keys(manifest)
    .filter((key) => manifest[key].isDynamicEntry && !first.has(key))
    .map((key) => [key.replace(/^src\//, ""), sizeOf(more(key))])
    .sort(([, one], [, other]) => other - one);
  const total = sizeOf(first);
  process.stdout.write(`${kB(total)}  first, of at most ${kB(FIRST_MAX).trim()}\n`);
  for (const [name, size] of pages) process.stdout.write(`${kB(size)}  more for ${name}\n`);
  return total <= FIRST_MAX;
}
