import { pipeline, Readable } from "node:stream";
import type { Reader } from "@daybook/application";
import { isErased, notFound } from "@daybook/domain";
import type { Row } from "@daybook/projections";
import { TRPCError } from "@trpc/server";
import { stringify } from "csv-stringify";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { peopleList } from "../accounts/people-list.ts";
import type { Context } from "../context.ts";
import { mailList } from "../mail/mail-list.ts";
import { authorize } from "../trpc.ts";
import { type AnyList, type Asked, findPage, listInput } from "./list.ts";

const lists: readonly AnyList[] = [peopleList, mailList];

/** Read at once: what a page may hold at most. */
const PAGE = 200;

/** Every row that is asked for, read as fast as the file is taken. */
async function* rowsOf(views: Reader, list: AnyList, asked: Asked): AsyncGenerator<Row> {
  let { cursor } = asked;
  do {
    const found = await findPage(views, list, { ...asked, cursor, limit: PAGE });
    yield* found.rows;
    cursor = found.cursor;
  } while (cursor);
}

const cell = (value: unknown) => (isErased(value) ? "erased" : value);

async function* recordsOf(list: AnyList, rows: AsyncIterable<Row>) {
  for await (const row of rows) yield Object.values(list.columns).map((read) => cell(read(row)));
}

/**
 * Lists as files of comma-separated values (RFC 4180), with all that the filters match: they are
 * written while they are read, so that their size does not matter. A cell that a spreadsheet would
 * run as a formula begins with an apostrophe.
 */
export function routeExports(
  server: FastifyInstance,
  contextOf: (request: FastifyRequest) => Promise<Context>,
) {
  server.get("/export/:file", async (request, reply) => {
    const { file } = request.params as { file: string };
    const list = lists.find(({ name }) => file === `${name}.csv`);
    if (!list) throw notFound("list/unknown");
    const ctx: Context = await contextOf(request);
    authorize(ctx, list.permission);
    const asked = listInput(list).safeParse(request.query);
    if (!asked.success) throw new TRPCError({ code: "BAD_REQUEST", cause: asked.error });
    const rows = rowsOf(ctx.views, list, asked.data);
    // What is asked for in vain is refused before the file begins.
    const first = await rows.next();
    async function* all() {
      if (!first.done) yield first.value;
      yield* rows;
    }
    const csv = stringify({
      ...{ header: true, columns: Object.keys(list.columns), bom: true, escape_formulas: true },
      ...{ record_delimiter: "windows" },
    });
    const written = pipeline(Readable.from(recordsOf(list, all())), csv, (error) => {
      if (error) request.log.warn({ err: error }, "an export was cut off");
    });
    return reply
      .header("content-type", "text/csv; charset=utf-8; header=present")
      .header("content-disposition", `attachment; filename="${file}"`)
      .send(written);
  });
}
