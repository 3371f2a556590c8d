import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Serves the built web app from a folder; nothing, where it has not been built. */
export async function routeWeb(server: FastifyInstance, root: string) {
  if (!existsSync(join(root, "index.html"))) return;
  await server.register(fastifyStatic, {
    root,
    wildcard: false,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Files are named by their content; the page that names them is always asked for.
      const immutable = path.includes("/assets/");
      reply.header("cache-control", immutable ? "max-age=31536000, immutable" : "no-cache");
    },
  });
  server.get("/", (_, reply) => reply.sendFile("index.html"));
  // The web app's own routes; what looks like a file or an API is not one of them.
  server.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === "GET" &&
      !/^\/(trpc|live|export|health|assets)\b|\.\w+$/.test(request.url.split("?")[0] ?? "");
    if (isPage) return reply.sendFile("index.html");
    return reply.code(404).send({ error: { message: "There is nothing here." } });
  });
}
