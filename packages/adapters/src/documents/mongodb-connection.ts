import { setTimeout as pause } from "node:timers/promises";
import {
  type Db,
  MongoAPIError,
  MongoClient,
  type MongoClientOptions,
  MongoError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoServerError,
  MongoTopologyClosedError,
  type TopologyDescription,
} from "mongodb";
import { inTime } from "../in-time.ts";
import { StoreUnavailable } from "../unavailable.ts";
import type { Connection } from "./port.ts";

export type MongoOptions = {
  database: string;
  /** How long a connection may take to be made; 5 s by default. */
  connectTimeoutMs?: number;
  /** How long to look for a server that takes writes; 2 s by default. */
  selectionTimeoutMs?: number;
  /** How long reading and writing may take in all, whatever is tried again; 10 s by default. */
  operationTimeoutMs?: number;
};

export type MongoConnection = {
  db: Db;
  /**
   * Does a piece of work. Rejects with StoreUnavailable where the server is away or the time is
   * over; what was being written may then be written or not.
   */
  run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Work that takes as long as a collection is large, over a connection of its own. */
  runLong: <T>(work: (db: Db) => Promise<T>) => Promise<T>;
  state: () => Connection;
  /** Waits for the work that was given, then closes. */
  close: () => Promise<void>;
};

/** An index over everything that there is must fit. */
const LONG_MS = 3_600_000;

/** How soon it shows that an idle store's server has gone or come back. */
const HEARTBEAT_MS = 2_000;

/**
 * For so many heartbeats a server's check may go on: with a connection that has to be made, one that
 * ends takes three or four.
 */
const BEATS_MAX = 4;

/** What work is told whose connection was closed under it. */
const closed = [MongoServerClosedError, MongoTopologyClosedError, MongoNotConnectedError];

/** All that the server or the way to it can do wrong. What the program does wrong stays as it is. */
function unavailable(error: unknown): unknown {
  const isMisuse = error instanceof MongoAPIError && !closed.some((one) => error instanceof one);
  if (!(error instanceof MongoError) || isMisuse) return error;
  return new StoreUnavailable(`MongoDB: ${error.message}`, { cause: error });
}

/** Of an insertion: there is one of this id. */
export const DUPLICATE_KEY = 11000;

export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

function watch(client: MongoClient): () => Connection {
  const state: Connection = { down: false, open: 0, used: 0 };
  const isWritable = ({ servers }: TopologyDescription) =>
    [...servers.values()].some((server) => server.isWritable);
  client.on("topologyDescriptionChanged", ({ newDescription }) => {
    state.down = !isWritable(newDescription);
  });
  client.on("connectionCreated", () => state.open++);
  client.on("connectionClosed", () => state.open--);
  client.on("connectionCheckedOut", () => state.used++);
  client.on("connectionCheckedIn", () => state.used--);
  return () => ({ ...state });
}

/**
 * Opens the client anew where a check of a server does not end. The driver (7.9.0) waits for ever
 * for an answer where the connection closes in the moment in which the question is written: its
 * `Connection.cleanup` tells who listens, and nobody does yet. The server then counts as away until
 * the process ends.
 */
function reopenStuck(client: MongoClient): { stop: () => Promise<void> } {
  const beats = new Map<string, number>();
  let stopped = false;
  let reopening: Promise<void> | undefined;
  client.on("serverHeartbeatStarted", ({ connectionId }) => beats.set(connectionId, 0));
  for (const ended of ["serverHeartbeatSucceeded", "serverHeartbeatFailed"] as const)
    client.on(ended, ({ connectionId }: { connectionId: string }) => beats.delete(connectionId));
  client.on("serverClosed", ({ address }) => beats.delete(address));

  /** Once closed it does not connect by itself, so that it has to be connected however long it takes. */
  async function reopen() {
    await client.close();
    while (!stopped && !(await client.connect().catch(() => undefined))) await pause(HEARTBEAT_MS);
    reopening = undefined;
  }
  const timer = setInterval(() => {
    for (const [address, count] of beats) beats.set(address, count + 1);
    if ([...beats.values()].some((count) => count > BEATS_MAX)) reopening ??= reopen();
  }, HEARTBEAT_MS).unref();
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await reopening;
    },
  };
}

/** Connects to a server. Rejects with StoreUnavailable where it is away. */
export async function connectMongo(url: string, options: MongoOptions): Promise<MongoConnection> {
  const { database, operationTimeoutMs = 10_000 } = options;
  const late = () => new StoreUnavailable(`MongoDB: no answer within ${operationTimeoutMs} ms`);
  const settings: MongoClientOptions = {
    appName: "daybook",
    connectTimeoutMS: options.connectTimeoutMs ?? 5_000,
    serverSelectionTimeoutMS: options.selectionTimeoutMs ?? 2_000,
    waitQueueTimeoutMS: operationTimeoutMs,
    socketTimeoutMS: operationTimeoutMs,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    // What was answered survives the loss of a server, and of its memory where it is the only one.
    writeConcern: { w: "majority", journal: true },
    // Security rests on inline projections: every process reads what an answered command wrote, and
    // nothing that a change of the primary could take back.
    readPreference: "primary",
    readConcern: { level: "majority" },
  };
  const client = new MongoClient(url, settings);
  const state = watch(client);
  const checks = reopenStuck(client);
  const running = new Set<Promise<unknown>>();

  async function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } catch (error) {
      throw unavailable(error);
    } finally {
      running.delete(work);
    }
  }

  async function long<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const patient = new MongoClient(url, { ...settings, socketTimeoutMS: LONG_MS });
    try {
      return await work(patient.db(database));
    } finally {
      await patient.close();
    }
  }

  try {
    await client.connect();
  } catch (error) {
    await checks.stop();
    await client.close();
    throw unavailable(error);
  }
  return {
    db: client.db(database),
    run: (work) => track(inTime(operationTimeoutMs, late, work)),
    runLong: (work) => track(long(work)),
    state,
    close: async () => {
      await Promise.allSettled(running);
      await checks.stop();
      await client.close();
    },
  };
}
