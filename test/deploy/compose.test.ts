import { describe, expect, test } from "vitest";
import { z } from "zod";
import { documentsOf, isPinned, pathsOf, textOf } from "./files.ts";
import { givenFor, readSettings } from "./settings.ts";

/** What is used of the specification: a name that is not in it is a mistake, or is to be added. */
const scalar = z.union([z.string(), z.number()]);
const health = z.strictObject({
  test: z.array(z.string()),
  interval: z.string(),
  timeout: z.string(),
  start_period: z.string().optional(),
  start_interval: z.string().optional(),
});
const dependency = z.strictObject({
  condition: z.enum(["service_healthy", "service_completed_successfully"]),
});
const service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  profiles: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  user: z.string().optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  restart: z.enum(["no", "unless-stopped"]).optional(),
  stop_grace_period: z.string().optional(),
  environment: z.record(z.string(), scalar).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  network_mode: z.literal("none").optional(),
  depends_on: z.record(z.string(), dependency).optional(),
  healthcheck: health.optional(),
});
const network = z.strictObject({
  internal: z.boolean().optional(),
  ipam: z.strictObject({ config: z.array(z.strictObject({ subnet: z.string() })) }).optional(),
});
const compose = z.strictObject({
  name: z.string(),
  "x-process": z.unknown().optional(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), network.nullable()).optional(),
  volumes: z.record(z.string(), z.null()),
});

const read = (path: string) => compose.parse(documentsOf(path)[0]);
const [production, ...others] = ["docker-compose.yml", "docker-compose.dev.yml"].map(read) as [
  z.output<typeof compose>,
  z.output<typeof compose>,
];
const services = (of: z.output<typeof compose>) => Object.entries(of.services);

/** As compose fills in what it was given: `$$` is a dollar. */
const filledIn = (text: string) =>
  text
    .replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name) => givenFor(name))
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

describe.each([
  ["docker-compose.yml", production] as const,
  ["docker-compose.dev.yml", others[0]] as const,
])("%s", (_, file) => {
  test.each(services(file))("%s is of one release", (_name, { image }) => {
    expect(image).toSatisfy(isPinned);
  });

  test.each(services(file))("%s uses only what there is", (_name, one) => {
    const folders = (one.volumes ?? []).map((volume) => volume.split(":")[0] as string);
    for (const folder of folders)
      if (folder.startsWith("./")) expect(pathsOf(folder)).toHaveLength(1);
      else expect(Object.keys(file.volumes)).toContain(folder);
    for (const name of one.networks ?? []) expect(Object.keys(file.networks ?? {})).toContain(name);
    for (const [name, { condition }] of Object.entries(one.depends_on ?? {})) {
      expect(Object.keys(file.services)).toContain(name);
      if (condition === "service_healthy")
        expect(file.services[name]).toHaveProperty("healthcheck");
    }
  });

  test("whatever goes on running is looked after", () => {
    const unwatched = services(file).filter(
      ([, { healthcheck, restart }]) => !healthcheck && restart !== "no",
    );
    expect(unwatched.map(([name]) => name)).toEqual([]);
  });
});

describe("in production", () => {
  const text = textOf("docker-compose.yml");
  const required = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));

  test("no password has a default, or stands in the file", () => {
    const secrets = [...text.matchAll(/\b\w*(?:PASSWORD|KEY|AUTH)\b: (.*)/g)].map(
      ([, value]) => value,
    );
    expect(secrets.length).toBeGreaterThan(5);
    for (const value of secrets) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$|^\/node\/node\.key$/);
    for (const [, password] of text.matchAll(/:\/\/\w*:([^@\n]*)@/g))
      expect(password).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  });

  test("what is required is in the example, without a value", () => {
    const example = textOf(".env.example").matchAll(/^(\w+)=(.*)$/gm);
    const given = new Map([...example].map(([, name, value]) => [name, value]));
    expect(given.keys().toArray()).toEqual(expect.arrayContaining([...required]));
    expect(new Set(given.values())).toEqual(new Set([""]));
  });

  test.each(["api", "worker"])("the %s takes its settings, and can write nothing", (name) => {
    const { environment = {}, ...process } = production.services[name] as z.output<typeof service>;
    const given = Object.entries(environment).map(([key, value]) => [key, filledIn(String(value))]);
    const config = readSettings(Object.fromEntries(given));
    expect(config).toMatchObject({
      demo: false,
      metricsPort: 9464,
      eventStoreUrl: "esdb://admin:secret@eventstore:2113?tlsCAFile=/authority/ca.crt",
      mongodbUrl: expect.stringContaining("/daybook?replicaSet=daybook"),
      redisUrl: expect.any(String),
      smtpUrl: expect.any(String),
      key: expect.any(String),
    });
    expect(process).toMatchObject({ command: [name], read_only: true, cap_drop: ["ALL"] });
    expect(process).not.toHaveProperty("ports");
    expect(process.healthcheck?.test.join(" ")).toContain(`:${config.metricsPort}/health/ready`);
    expect(production.networks?.front?.ipam?.config).toEqual([{ subnet: config.trustProxy }]);
  });

  test("only the proxy is reached from outside, and engines reach nothing", () => {
    const open = services(production).filter(([, { ports = [] }]) =>
      ports.some((port) => !port.startsWith("127.0.0.1:")),
    );
    expect(open.map(([name]) => name)).toEqual(["web"]);
    expect(production.networks?.engines).toEqual({ internal: true });
    for (const engine of ["eventstore", "mongodb", "redis"])
      expect(production.services[engine]?.networks).toEqual(["engines"]);
  });
});
