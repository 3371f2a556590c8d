import { setTimeout as delay } from "node:timers/promises";
import type { Engines } from "../support/engines.ts";
import type { Random } from "../support/random.ts";
import type { Cluster } from "./cluster.ts";

/** Something that goes wrong, and is over when it resolves. Of each target one at a time. */
export type Disturbance = {
  name: string;
  target: string;
  run: (random: Random) => Promise<unknown>;
  /** Goes on while others begin and end. */
  lasting?: true;
};

/** Longer than it takes to be taken for dead by the other workers. */
const PAST_LEASE_MS = 9000;
/** So long without an answer, the next disturbance is due all the same. */
const STUCK_MS = 5000;
/** So many draws pass over the target of one that lasts, which they would only wait for. */
const PASSED_OVER = 4;
const LOOK_MS = 20;

/** All that can go wrong with the processes and engines of an installation. */
export function disturbances(
  { apis, workers }: Cluster,
  { eventStore, mongo, redis }: Engines,
): Disturbance[] {
  const killed = [...apis, ...workers].map(({ name, signal }) => ({
    name: `${name} is killed`,
    target: name,
    run: async () => signal("SIGKILL"),
  }));
  const paused = workers.map(({ name, signal }) => ({
    name: `${name} is stopped past its leases, and goes on`,
    target: name,
    run: async () => {
      signal("SIGSTOP");
      await delay(PAST_LEASE_MS);
      signal("SIGCONT");
    },
    lasting: true as const,
  }));
  const away = (name: string, begin: () => unknown, end: () => unknown) => ({
    name,
    target: name.split(" ")[0] ?? name,
    run: async (random: Random) => {
      await begin();
      await delay(random.between(0, 2000));
      await end();
    },
  });
  const appends = (name: string, fault: "refused" | "lost" | "unanswered") => ({
    name,
    target: "EventStoreDB",
    run: (random: Random) =>
      eventStore.misbehave({ appends: Array.from({ length: random.between(1, 3) }, () => fault) }),
  });
  return [
    ...killed,
    ...paused,
    away("EventStoreDB is killed", eventStore.kill, eventStore.start),
    away(
      "EventStoreDB is unavailable",
      () => eventStore.misbehave({ unavailable: true }),
      () => eventStore.misbehave({ unavailable: false }),
    ),
    away(
      "EventStoreDB stalls",
      () => eventStore.misbehave({ stalled: true }),
      () => eventStore.misbehave({ stalled: false }),
    ),
    { name: "EventStoreDB drops its readers", target: "EventStoreDB", run: eventStore.drop },
    appends("EventStoreDB refuses appends", "refused"),
    appends("EventStoreDB loses answers to appends", "lost"),
    appends("EventStoreDB does not answer appends", "unanswered"),
    away("MongoDB is killed", mongo.kill, mongo.start),
    away(
      "MongoDB is stopped for a while",
      () => mongo.signal("SIGSTOP"),
      () => mongo.signal("SIGCONT"),
    ),
    away("Redis is killed", redis.kill, redis.start),
    away("Redis is stopped for a while", redis.pause, redis.resume),
    { name: "Redis is wiped", target: "Redis", run: redis.wipe },
  ];
}

/** Waits until people got on with their work, but not for as long as nothing can be done. */
async function untilAnswered(more: number, asked: readonly unknown[]): Promise<void> {
  const deadline = performance.now() + STUCK_MS;
  const enough = asked.length + more;
  while (asked.length < enough && performance.now() < deadline) await delay(LOOK_MS);
}

/**
 * Disturbs so many times, at moments and in ways that the draws say, and waits until all of it is
 * over. Two targets may be disturbed at once, one never twice. `asked` grows with every answer.
 */
export async function disturb(
  all: readonly Disturbance[],
  times: number,
  random: Random,
  asked: readonly unknown[],
): Promise<string[]> {
  const busy = new Map<string, Promise<unknown>>();
  const drawn: Disturbance[] = [];
  for (let n = 0; n < times; n++) {
    const lasting = drawn.slice(-PASSED_OVER).filter((one) => one.lasting);
    const passedOver = new Set(lasting.map(({ target }) => target));
    const one = random.pick(all.filter(({ target }) => !passedOver.has(target)));
    drawn.push(one);
    const own = random.fork(`disturbance ${n}`);
    await busy.get(one.target);
    busy.set(one.target, one.run(own));
    await untilAnswered(random.between(1, 8), asked);
    await delay(random.between(0, 500));
  }
  await Promise.all(busy.values());
  return drawn.map(({ name }) => name);
}
