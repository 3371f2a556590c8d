import { beforeEach, describe, expect, test } from "vitest";
import { command, connect, personNamed, refusal } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/folder.ts";
import { removeFolder, startServer } from "../support/server.ts";
import { traceCollector } from "../support/trace-collector.ts";
import { installations } from "./installations.ts";

const PASSWORD = "the same on every engine";
const ADMIN = "admin@test.example";

const place = temporaryFolder();
let collector: Awaited<ReturnType<typeof traceCollector>>;
beforeEach(async () => {
  collector = await place.opened(traceCollector());
});

/** The paths of a trace, once these are among them. */
const pathsOf = (commandId: string, expected: readonly string[]) =>
  eventually(async () => {
    const paths = new Set(collector.traceOf(commandId).map(({ path }) => path));
    return expected.every((path) => paths.has(path)) ? [...paths].toSorted() : undefined;
  });

const below = (path: string, ...names: string[]) => names.map((name) => `${path} > ${name}`);

/** Everything that a command leads to at once. */
const commanded = (path: string, type: string, projections: readonly string[]) => [
  `${path} > command ${type}`,
  `${path} > command ${type} > append`,
  ...below(`${path} > command ${type} > append`, ...projections.map((one) => `project ${one}`)),
];

describe.each(installations)("traces on %s", { timeout: 180_000 }, (name, open) => {
  test("go from the request through all processes, and tell nothing about people", async () => {
    const installation = await open(place, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await installation.daybook(["setup", "--email", ADMIN, "--password-stdin"], `${PASSWORD}\n`);
    const [url = ""] = installation.urls();
    const { client, signIn } = connect(url);
    await signIn("admin", PASSWORD);
    const ada = { ...personNamed("countess"), firstName: "Augusta", lastName: "Lovelace" };
    const { user } = await client.people.create.mutate(command(ada));

    const rename = { ...command({ firstName: "Adelaide", lastName: "Byron" }), id: user };
    await client.people.rename.mutate(rename);
    const renaming = "POST /trpc/people.rename";
    const renamed = [
      renaming,
      ...commanded(renaming, "RenameUser", ["accounts", "history", "people"]),
    ].toSorted();
    expect(await pathsOf(rename.commandId, renamed)).toEqual(renamed);

    const reset = { ...command({}), id: user };
    const { temporaryPassword = expect.fail() } = await client.people.resetPassword.mutate(reset);
    const reacting = `POST /trpc/people.resetPassword > command ResetPassword > append > react account-mail`;
    const sending = `${reacting} > command RequestMail > append > mail send`;
    const paths = await pathsOf(reset.commandId, [
      ...commanded(reacting, "RequestMail", ["mails", "mail-counts", "history"]),
      ...commanded(sending, "AttemptMail", ["mails"]),
      ...commanded(sending, "RecordMailSent", ["mails", "mail-counts", "history"]),
    ]);
    expect(paths.filter((path) => path.startsWith("unknown"))).toEqual([]);
    const [sent = expect.fail()] = collector
      .traceOf(reset.commandId)
      .filter(({ path }) => path === sending);
    expect(sent.values).toEqual({ "daybook.mail": "password-reset", "daybook.outcome": "sent" });
    const services = new Set(collector.traceOf(reset.commandId).map(({ service }) => service));
    const isOneProcess = name === "the embedded stores";
    expect([...services].toSorted()).toEqual(
      isOneProcess ? ["daybook"] : ["daybook-api", "daybook-worker"],
    );

    // What is refused, unknown or malformed is told of no more.
    const again = command(ada);
    expect(await refusal(client.people.create.mutate(again))).not.toBe("no answer");
    await refusal(connect(url).signIn(ada.email, "a wrong guess"));
    await fetch(`${url}/trpc/of.${ada.email}`);
    await fetch(`${url}/trpc/people.get?input=${encodeURIComponent(JSON.stringify(ada))}`);
    await pathsOf(again.commandId, ["POST /trpc/people.create"]);
    const [refused] = collector
      .traceOf(again.commandId)
      .filter(({ path }) => path === "POST /trpc/people.create");
    expect(refused?.values["http.response.status_code"]).toBe(409);

    // The client gives a sign-in no id: its command begins a trace, with a link to where it came from.
    const attempts = await eventually(async () => {
      const found = collector.spans().filter((span) => span.name === "command AttemptSignIn");
      return found.length > 1 ? found : undefined;
    });
    const askedBy = collector.spans().filter((span) => span.name === "POST /trpc/session.signIn");
    for (const { path, links = [] } of attempts)
      expect([path, askedBy.some((span) => span.spanId === links[0]?.spanId)]).toEqual([
        ...["command AttemptSignIn", true],
      ]);

    await place.closed(installation);
    const everything = collector.everything();
    expect(everything).toContain("command RejectSignIn");
    for (const personal of [
      ...[ada.email, ada.username, ADMIN, "Augusta", "Lovelace", "Adelaide", "Byron", "Tester"],
      ...[PASSWORD, temporaryPassword, "wrong guess", user, user.replaceAll("-", "")],
    ])
      expect([personal, everything.includes(personal)]).toEqual([personal, false]);
  });
});

test("traces are sent as OpenTelemetry's variables say, the last at the end", async () => {
  const server = await startServer({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme",
    OTEL_SERVICE_NAME: "back-office",
  });
  try {
    for (let n = 0; n < 20; n++)
      expect(await connect(server.url).client.session.me.query()).toBeNull();
    expect(await server.end()).toBe(0);
    expect(collector.headers()[0]).toMatchObject({ "x-tenant": "acme" });
    expect(server.output()).not.toContain("traces: ");
    const asked = collector.spans().filter(({ name }) => name === "GET /trpc/session.me");
    expect(asked).toHaveLength(20);
    // A query may be over within the millisecond.
    expect(asked.some((span) => BigInt(span.endTimeUnixNano) % 1_000_000n > 0n)).toBe(true);
    for (const { startTimeUnixNano, endTimeUnixNano, service, values } of asked) {
      expect([service, values["http.response.status_code"]]).toEqual(["back-office", 200]);
      expect(BigInt(endTimeUnixNano)).toBeGreaterThan(BigInt(startTimeUnixNano));
    }
  } finally {
    await removeFolder(server.data);
  }
});

// Nobody's work waits for a collector.
test("a collector that is away is said in the log, and nothing else", async () => {
  await place.closed(collector);
  const server = await startServer({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  try {
    expect(await connect(server.url).client.session.me.query()).toBeNull();
    await eventually(async () => server.output().includes("traces: ") || undefined);
    expect(await server.end()).toBe(0);
  } finally {
    await removeFolder(server.data);
  }
});
