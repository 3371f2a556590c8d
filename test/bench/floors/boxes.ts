import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileLedger, loadServerKeys, openKeyring, openSqliteDocuments } from "@daybook/adapters";
import sodium from "libsodium-wrappers";

await sodium.ready;

/** A sealed box of the log, with everything that is needed to open it at hand. */
type Box = { text: string; key: Uint8Array; eventId: Uint8Array };

/** How long the nonce in front of a box is, in bytes. */
const NONCE = 12;

type Seal = { subject: string; box: string };

const sealOf = (text: unknown): Seal | undefined => JSON.parse(String(text)).$seal;

/** The boxes of every tenth event. */
export async function sealedBoxes(folder: string): Promise<{ boxes: Box[]; events: number }> {
  const state = await openSqliteDocuments(join(folder, "state.db"), "FULL");
  const keyring = await openKeyring(state, loadServerKeys(folder, undefined), fileLedger(folder));
  const db = new DatabaseSync(join(folder, "events.db"), { readOnly: true });
  const events = db.prepare("SELECT id, data, meta FROM events WHERE position % 10 = 0").all();
  db.close();
  const sealed = events.flatMap(({ id, data, meta }) =>
    [sealOf(data), sealOf(meta)].flatMap((seal) => (seal ? [{ id: String(id), ...seal }] : [])),
  );
  const boxes: Box[] = [];
  for (const { id, subject, box } of sealed) {
    const key = (await keyring.find([subject])).get(subject);
    if (key) boxes.push({ text: box, key, eventId: new TextEncoder().encode(id) });
  }
  await state.close();
  return { boxes, events: events.length };
}

/** Events a second when their boxes are opened, one after the other, and nothing else is done. */
export function openAll({ boxes, events }: Awaited<ReturnType<typeof sealedBoxes>>): number {
  const startedAt = performance.now();
  for (const { text, key, eventId } of boxes) {
    const box = Buffer.from(text, "base64");
    const [nonce, closed] = [box.subarray(0, NONCE), box.subarray(NONCE)];
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, closed, eventId, nonce, key);
  }
  return events / ((performance.now() - startedAt) / 1000);
}
