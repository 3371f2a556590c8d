/** What a stream of server-sent events says. */
export type Told = { event: string; data: unknown };

/** Reads live updates as the browser's EventSource does, but with a cookie of the test's choice. */
export async function listen(url: string, cookie: string) {
  const abort = new AbortController();
  const response = await fetch(`${url}/live`, { headers: { cookie }, signal: abort.signal });
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;

  const wake = () => {
    for (const one of waiting) one();
  };

  function take(block: string) {
    const lines = block.split("\n").map((line) => line.split(/: ?(.*)/s, 2) as [string, string]);
    const field = (name: string) => lines.find(([key]) => key === name)?.[1];
    const data = field("data");
    if (data !== undefined)
      told.push({ event: field("event") ?? "message", data: JSON.parse(data) });
  }

  async function read() {
    let rest = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block);
      wake();
    }
  }
  const reading = response.status === 200 ? read() : Promise.resolve();
  reading
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
      wake();
    });

  return {
    status: response.status,
    headers: response.headers,
    told,
    /** Resolves with the first that fits; fails once the stream is over without it. */
    until: (fits: (one: Told) => boolean) =>
      new Promise<Told>((resolve, reject) => {
        const look = () => {
          const found = told.find(fits);
          if (!found && !isOver) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`the stream ended after ${JSON.stringify(told)}`));
        };
        waiting.add(look);
        look();
      }),
    /** Resolves once the server has closed it. */
    over: reading,
    close: () => abort.abort(),
  };
}
