import { projections } from "@daybook/projections";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { documentsOf, pathsOf, textOf } from "./files.ts";
import { type Deployment, deployment } from "./kubernetes-shapes.ts";
import { givenFor, readSettings } from "./settings.ts";

type Port = { port?: number | string; targetPort?: string };
type Rule = { ports?: Port[] };
type Resource = {
  kind: string;
  metadata: { name: string };
  items?: unknown[];
  spec: {
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
    ports?: Port[];
    podSelector?: { matchLabels?: Record<string, string> };
    ingress?: Rule[];
    egress?: Rule[];
    minReplicas?: number;
    maxReplicas?: number;
    scaleTargetRef?: { kind: string; name: string };
    metrics?: { external: { metric: { name: string } } }[];
  };
};

const folder = "deploy/kubernetes";
const [kustomization] = documentsOf(`${folder}/kustomization.yaml`) as [
  {
    resources: string[];
    configMapGenerator: [{ name: string; literals: string[] }];
    images: [{ name: string; newTag: string }];
  },
];
const resources = kustomization.resources.flatMap(
  (name) => documentsOf(`${folder}/${name}`) as Resource[],
);
const deployments = resources
  .flatMap(({ items = [] }) => items)
  .map((item): Deployment => deployment.parse(item));
const all = (kind: string) => resources.filter((one) => one.kind === kind);
const podOf = ({ spec }: Deployment) => spec.template.spec;
const containerOf = (one: Deployment) => podOf(one).containers[0];
const literals = Object.fromEntries(
  kustomization.configMapGenerator[0].literals.map((line) => line.split(/=(.*)/s).slice(0, 2)),
) as Record<string, string>;

test("every manifest is applied", () => {
  const others = pathsOf(`${folder}/*.yaml`).map((path) => path.slice(folder.length + 1));
  expect(others).toEqual([...kustomization.resources, "kustomization.yaml"].toSorted());
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual([
    "daybook-api",
    "daybook-worker",
  ]);
});

describe.each(deployments.map((one) => [one.metadata.name, one] as const))("%s", (_, one) => {
  const { image, args, env, envFrom, ports, volumeMounts } = containerOf(one);

  test("runs this release's image, of a part that there is", () => {
    const { version } = JSON.parse(textOf("package.json"));
    const [{ name, newTag }] = kustomization.images;
    expect(image).toBe(`${name}:${newTag}`);
    expect(newTag).toBe(version);
    expect(`daybook-${args.join()}`).toBe(one.metadata.name);
  });

  test("takes its settings, the secret ones by reference", () => {
    expect(envFrom[0]?.configMapRef.name).toBe(kustomization.configMapGenerator[0].name);
    expect(JSON.stringify(literals)).not.toMatch(/:\/\/[^/"]*:[^/"]*@|KEY|SMTP_URL/);
    const secrets = env.map(({ name }) => [name, givenFor(name)]);
    const config = readSettings({ ...literals, ...Object.fromEntries(secrets) });
    expect(config).toMatchObject({
      demo: false,
      eventStoreUrl: expect.any(String),
      mongodbUrl: expect.any(String),
      redisUrl: expect.any(String),
      smtpUrl: expect.any(String),
      key: expect.any(String),
      metricsPort: ports.find(({ name }) => name === "metrics")?.containerPort,
    });
    for (const { name, valueFrom } of env)
      expect(valueFrom.secretKeyRef).toEqual({ name: "daybook", key: name });
    expect(one.spec.template.metadata.annotations["prometheus.io/port"]).toBe(
      String(config.metricsPort),
    );
  });

  test("has every folder that it mounts, and every port that is asked", () => {
    const folders = podOf(one).volumes.map(({ name }) => name);
    expect(volumeMounts.map(({ name }) => name)).toEqual(folders);
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(one);
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe])
      expect(ports.map(({ name }) => name)).toContain(httpGet.port);
  });

  test("is selected by its own labels", () => {
    const { labels } = one.spec.template.metadata;
    expect(one.spec.selector.matchLabels).toEqual(labels);
    for (const { labelSelector } of podOf(one).topologySpreadConstraints)
      expect(labelSelector.matchLabels).toEqual(labels);
    const budgets = all("PodDisruptionBudget").map(({ spec }) => spec.selector?.matchLabels);
    expect(budgets).toContainEqual(labels);
  });
});

describe("around them", () => {
  const [api, worker] = deployments as [Deployment, Deployment];
  const portsOf = (one: Deployment) => containerOf(one).ports.map(({ name }) => name);

  test("requests reach the API", () => {
    const [service] = all("Service");
    expect(service?.spec.selector).toEqual(api.spec.template.metadata.labels);
    expect(portsOf(api)).toContain(service?.spec.ports?.[0]?.targetPort);
    expect(JSON.stringify(all("Ingress")[0]?.spec)).toContain(
      `"service":{"name":"${service?.metadata.name}","port":{"name":"http"}}`,
    );
  });

  test("the network lets in by the ports there are, and out to every engine", () => {
    const policies = all("NetworkPolicy").map(({ spec }) => spec);
    const inward = policies.flatMap(({ ingress = [] }) =>
      ingress.flatMap(({ ports = [] }) => ports),
    );
    expect(inward.map(({ port }) => port).toSorted()).toEqual(portsOf(api).toSorted());
    const outward = policies.flatMap(({ egress = [] }) =>
      egress.flatMap(({ ports = [] }) => ports),
    );
    const engines = [53, 2113, 27017, 6379, 587, 4318];
    expect(outward.map(({ port }) => port)).toEqual(expect.arrayContaining(engines));
  });

  test("workers are scaled by what the adapter serves, up to as many as find work", () => {
    const [scaling] = all("HorizontalPodAutoscaler");
    expect(scaling?.spec.scaleTargetRef).toMatchObject({
      kind: worker.kind,
      name: worker.metadata.name,
    });
    expect(worker.spec).not.toHaveProperty("replicas");
    const [adapter] = documentsOf("deploy/prometheus/adapter.yml") as [
      { externalRules: { name: { as: string } }[] },
    ];
    const served = adapter.externalRules.map(({ name }) => name.as);
    const asked = scaling?.spec.metrics?.map(({ external }) => external.metric.name);
    expect(asked).toEqual(served);
    // The projections, two reactions, and the upkeep.
    expect(scaling?.spec.maxReplicas).toBe(projections.length + 3);
  });
});

describe("a running server", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ DAYBOOK_DEMO: "0", DAYBOOK_METRICS_PORT: "0" });
  });
  afterAll(async () => {
    await server.end();
    await removeFolder(server.data);
  });

  test.each(["http", "metrics"])("answers every probe of its %s port", async (port) => {
    const monitor = /Monitors are answered at (\S+)/.exec(server.output())?.[1];
    const at = port === "http" ? server.url : monitor;
    const paths = deployments.flatMap((one) => {
      const { startupProbe, livenessProbe, readinessProbe } = containerOf(one);
      return [startupProbe, livenessProbe, readinessProbe]
        .filter(({ httpGet }) => httpGet.port === port)
        .map(({ httpGet }) => httpGet.path);
    });
    expect(paths).toHaveLength(3);
    for (const path of paths) expect((await fetch(`${at}${path}`)).status, path).toBe(200);
  });
});
