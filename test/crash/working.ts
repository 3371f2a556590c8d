import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../support/random.ts";
import { openClient } from "./client.ts";
import { administering, auditing } from "./clients.ts";
import { ADMINISTRATORS, AUDITOR, type Installation } from "./installation.ts";
import type { Journal, Person } from "./journal.ts";

/** Each a client with a session of its own. */
const CLIENTS = [...ADMINISTRATORS, ...ADMINISTRATORS, AUDITOR];

/** People at work, one step after the other with pauses between, whatever becomes of the servers. */
export async function peopleAtWork(
  place: Installation,
  journal: Journal,
  standing: readonly Person[],
  random: Random,
  pauseMaxMs: number,
) {
  const clients = await Promise.all(CLIENTS.map((name) => openClient(place, journal, name)));
  const steps = clients.map((client, index) => {
    const own = random.fork(`client ${index}`);
    return CLIENTS[index] === AUDITOR
      ? auditing(client, own, standing)
      : administering(client, own, `client${index}`);
  });
  let rounds = 0;
  return {
    /** Who looks whether everything is done. */
    first: clients[0] as (typeof clients)[number],
    /** Begins to work; what it returns ends that, once everybody was answered. */
    begin: () => {
      const round = rounds++;
      let over = false;
      const working = steps.map(async (step, index) => {
        const pauses = random.fork(`pauses ${index} ${round}`);
        while (!over) {
          await step();
          await delay(pauses.between(0, pauseMaxMs));
        }
      });
      return {
        stop: () => {
          over = true;
        },
        ended: Promise.all(working),
      };
    },
  };
}
