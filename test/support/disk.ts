import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: "ignore" });

/** Makes a disk of its own for a test, of this size in kB; nothing where the machine forbids it. */
export function mountDisk(folder: string, sizeKb: number) {
  mkdirSync(folder, { recursive: true });
  try {
    run("mount", "-t", "tmpfs", "-o", `size=${sizeKb}k`, "tmpfs", folder);
  } catch {
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    /** Takes all the room there is left. */
    fill: async () => {
      try {
        await writeFile(filler, Buffer.alloc(sizeKb * 1024));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    free: () => rm(filler),
    unmount: () => run("umount", "-l", folder),
  };
}

/** From now on no file of the process may grow beyond so many bytes; "unlimited" ends that. */
export function limitFiles(pid: number, bytes: number | "unlimited"): boolean {
  try {
    run("prlimit", "--pid", String(pid), `--fsize=${bytes}:unlimited`);
    return true;
  } catch {
    return false;
  }
}
