import type { IncomingMessage } from "node:http";
import { TRPCError } from "@trpc/server";

const tooLarge = () =>
  new TRPCError({ code: "PAYLOAD_TOO_LARGE", message: "Request body is too large" });

/**
 * The body of a request as text, of at most so many bytes. What is too large is refused before it
 * is read to its end; one that is cut off is refused too.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) return reject(tooLarge());
      chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString()));
    request.once("error", () =>
      reject(new TRPCError({ code: "BAD_REQUEST", message: "The request was cut off" })),
    );
  });
}
