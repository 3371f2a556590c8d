import type { Measured, Row, Setting } from "./row.ts";
import { engineRows, rows } from "./rows/index.ts";

/** Measures one row, in a process of its own. */

export type Answer = { measured: Measured } | { failed: string };

// Without whoever asked for it, it ends with every process of its group.
process.once("disconnect", () => process.kill(-process.pid, "SIGKILL"));

const [name, given = "{}"] = process.argv.slice(2);
const setting: Setting = {
  ...(JSON.parse(given) as Pick<Setting, "quick" | "folder">),
  say: (what) => process.stderr.write(`    ${what}\n`),
};

async function answer(): Promise<Answer> {
  try {
    const isAsked = (row: Row) => row.name === name;
    const row = rows.find(isAsked) ?? (await engineRows()).find(isAsked);
    if (!row) throw new Error(`there is no row ${name}`);
    return { measured: await row.measure(setting) };
  } catch (error) {
    setting.say((error as Error).stack ?? String(error));
    return { failed: String((error as Error).message).split("\n", 1)[0] ?? "" };
  }
}

process.send?.(await answer(), () => process.exit());
