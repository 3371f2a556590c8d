import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on a free port, and tells whoever started this process where. */
export function listen(server: Server): void {
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
}
