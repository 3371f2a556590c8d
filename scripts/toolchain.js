// What every entry point needs before anything of the project can run: the packages of the lock
// file, and a Node that is new enough. Plain JavaScript for whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NODE_MAJOR = 24;

function fail(line) {
  process.stderr.write(`daybook: ${line}\n`);
  process.exit(1);
}

/** Installs what the lock file names, once for each lock file. */
export function install(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules/.daybook-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing packages (about a minute, the first time only) …\n");
  const npm = (...args) =>
    spawnSync("npm", [...args, "--no-audit", "--no-fund"], { cwd: root, encoding: "utf8" });
  // `npm ci` refuses where another platform's optional package is missing from a registry.
  if (npm("ci").status !== 0) {
    const { status, stderr } = npm("install", "--no-save");
    if (status !== 0) fail(`the packages could not be installed.\n${stderr}`);
  }
  writeFileSync(stamp, lock);
}

/** The Node to run on: the pinned one, else the machine's if it is new enough. */
export function pinnedNode(root) {
  const packaged = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  // For testing other versions: NODE_PINNED=0 takes the one that runs this.
  if (process.env.NODE_PINNED !== "0" && existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  return fail(
    `Node ${NODE_MAJOR} or newer is needed, and this is ${process.version}: install it from ` +
      "https://nodejs.org and run the command again.",
  );
}
