import type { QueryClient } from "@tanstack/react-query";
import { trpc } from "./client.ts";
import { noteSeen } from "./seen.ts";

/** What the server says: which read models changed, up to which position. */
type Told =
  | { kind: "changes"; position: number; changes: Record<string, string[] | "all"> }
  | { kind: "connected" | "lost" | "ended" };

const CHANNEL = "daybook.live";
/** The stream was refused or broken off for good: look again after this. */
const AGAIN_MS = 5000;

const shows: Record<string, readonly unknown[][]> = {
  people: [trpc.people.list.pathKey(), trpc.people.get.pathKey()],
  history: [trpc.history.pathKey()],
  mails: [trpc.mail.list.pathKey(), trpc.mail.get.pathKey()],
  headcounts: [trpc.home.pathKey()],
  "sign-in-hours": [trpc.home.pathKey()],
  "mail-counts": [trpc.home.pathKey()],
};

function react(queryClient: QueryClient, told: Told) {
  if (told.kind === "lost") return;
  if (told.kind === "changes") {
    noteSeen(told.position);
    for (const name of Object.keys(told.changes))
      for (const queryKey of shows[name] ?? []) queryClient.invalidateQueries({ queryKey });
    return;
  }
  // Whatever happened meanwhile was not told of.
  queryClient.invalidateQueries();
}

/** Holds the one stream of the browser until the signal ends it. */
function connect(signal: AbortSignal, tell: (told: Told) => void): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined;
    const open = () => {
      source = new EventSource("/live");
      source.addEventListener("connected", () => tell({ kind: "connected" }));
      source.addEventListener("end", () => tell({ kind: "ended" }));
      source.addEventListener("message", ({ data }) =>
        tell({ kind: "changes", ...JSON.parse(data) }),
      );
      source.addEventListener("error", () => {
        tell({ kind: "lost" });
        if (source?.readyState !== EventSource.CLOSED) return;
        tell({ kind: "ended" });
        setTimeout(() => signal.aborted || open(), AGAIN_MS);
      });
    };
    open();
    signal.addEventListener("abort", () => {
      source?.close();
      resolve();
    });
  });
}

/**
 * Follows what others change. The tabs of a browser share one stream: whichever holds the lock reads
 * it and tells the others; when it is closed, another takes over.
 */
export function followLive(queryClient: QueryClient, onState: (lost: boolean) => void) {
  const abort = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  const hear = (told: Told) => {
    onState(told.kind === "lost");
    react(queryClient, told);
  };
  channel.onmessage = ({ data }) => hear(data as Told);
  const lead = () =>
    connect(abort.signal, (told) => {
      hear(told);
      channel.postMessage(told);
    });
  // Without locks (a page served without TLS) every tab reads a stream of its own.
  if (navigator.locks)
    navigator.locks.request(CHANNEL, { signal: abort.signal }, lead).catch(() => undefined);
  else lead();
  return () => {
    abort.abort();
    channel.close();
  };
}
