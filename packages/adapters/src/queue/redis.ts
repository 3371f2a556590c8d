import { Redis, type RedisOptions } from "ioredis";
import { ConfigError } from "../config.ts";

/** What the keys in Redis begin with. */
export const PREFIX = "daybook";
/**
 * After so long without an answer a connection is given up: one whose other end is gone without a
 * word never ends by itself. Longer than the 10 s that a worker waits for a job.
 */
export const SILENCE_MS = 15_000;
const RECONNECT_MAX_MS = 2000;

export type Connection = {
  redis: Redis;
  /** Reports what went wrong: the same once, until a connection is there again. */
  report: (error: unknown) => void;
  /** Ends it with all that were duplicated from it, connected or not. */
  end: () => void;
};

/** A connection to Redis that comes back by itself, until it is ended. Connects when first used. */
export function connectionTo(
  url: string,
  options: Omit<RedisOptions, "replyMapping">,
  onError: (error: unknown) => void,
): Connection {
  let ended = false;
  const reported = new Set<string>();
  const redis = new Redis(url, {
    lazyConnect: true,
    // Duplicates that nobody else can reach stop trying when this one is ended.
    retryStrategy: (times) => (ended ? null : Math.min(50 * 2 ** times, RECONNECT_MAX_MS)),
    ...options,
  });
  const report = (error: unknown) => {
    const text = String(error);
    if (!ended && !reported.has(text)) onError(error);
    reported.add(text);
  };
  redis.on("error", report);
  redis.on("ready", () => reported.clear());
  return {
    redis,
    report,
    end: () => {
      ended = true;
      redis.disconnect();
    },
  };
}

/**
 * Connects, and looks whether this Redis keeps what it is given: one that evicts keys when its
 * memory is full loses jobs in parts. Throws ConfigError where it is away or evicts. INFO is asked,
 * because hosted servers commonly forbid CONFIG.
 */
export async function requireKept(redis: Redis, warn: (line: string) => void): Promise<void> {
  const { host, port } = redis.options;
  let memory: string;
  let failure: Error | undefined;
  const note = (error: Error) => {
    failure ??= error;
  };
  redis.on("error", note);
  try {
    await redis.connect();
    memory = await redis.info("memory");
  } catch (error) {
    // What ends the connection tells more than that it has ended.
    const reason = (failure ?? (error as Error)).message;
    throw new ConfigError(`REDIS_URL: Redis at ${host}:${port} does not answer (${reason}).`);
  } finally {
    redis.off("error", note);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined)
    warn(`Redis at ${host}:${port} does not tell its maxmemory-policy: it must be noeviction.`);
  else if (policy !== "noeviction")
    throw new ConfigError(
      `REDIS_URL: Redis at ${host}:${port} has maxmemory-policy ${policy}, which loses jobs when its memory is full; set it to noeviction.`,
    );
}
