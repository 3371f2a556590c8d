import { everybody, PASSWORD, peopled, project } from "../fixtures.ts";
import { nameOf } from "../names.ts";
import { pin, pinned, start, startLoad, withProduct } from "../processes.ts";
import { type Measured, type Row, repeat, type Setting } from "../row.ts";

/** Enough for four threads of hashing at all times, and no queue in front of them. */
const CONNECTIONS = 8;
const PEOPLE = 1000;

async function measure(setting: Setting, oneCore: boolean): Promise<Measured> {
  const { quick } = setting;
  const forMs = quick ? 2000 : 5000;
  const times = quick ? 2 : 3;
  const folder = await peopled(setting, { people: PEOPLE });
  await project(folder);
  const runs = await withProduct(folder, async (server) => {
    if (oneCore) pin(server.process, "server");
    const names = everybody(PEOPLE).map((_, nth) => nameOf(nth).username);
    const call = { kind: "sign-in", names, password: PASSWORD } as const;
    const { url } = server;
    await using load = await startLoad({ url, connections: CONNECTIONS, forMs, cookies: [], call });
    return await repeat(setting, "signed in", times, load.perSecond);
  });
  await using alone = start("floors/argon2.ts");
  if (oneCore) pin(alone.process, "server");
  const verify = () => alone.ask<number>({ forMs, atOnce: CONNECTIONS });
  const floor = await repeat(setting, "argon2 alone", times, verify);
  return { runs, floor, notes: oneCore ? [`${pinned}.`] : [] };
}

const row = (name: string, oneCore: boolean): Row => ({
  name,
  unit: "/s",
  target: { share: 0.85 },
  floor: "verifying passwords alone, @node-rs/argon2 with the same parameters",
  measure: (setting) => measure(setting, oneCore),
});

export const signIns = [
  row("sign-ins over HTTP, one core", true),
  row("sign-ins over HTTP, all cores", false),
];
