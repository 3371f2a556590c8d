import { z } from "zod";

/**
 * What is used of Kubernetes' own schemas for what runs. They pass over a name that they do not know,
 * and so would a cluster: here it is a mistake, or is to be added.
 */
const quantities = z.strictObject({ cpu: z.string().optional(), memory: z.string() });
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }),
  periodSeconds: z.int(),
  timeoutSeconds: z.int().optional(),
  failureThreshold: z.int().optional(),
});
const secret = z.strictObject({ name: z.string(), key: z.string() });
const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })),
  // A value that stands in the manifest is no secret.
  env: z.array(
    z.strictObject({ name: z.string(), valueFrom: z.strictObject({ secretKeyRef: secret }) }),
  ),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z
    .strictObject({
      preStop: z.strictObject({ sleep: z.strictObject({ seconds: z.int() }) }),
    })
    .optional(),
  volumeMounts: z.array(
    z.strictObject({
      name: z.string(),
      mountPath: z.string(),
      readOnly: z.literal(true).optional(),
    }),
  ),
});
const labels = z.record(z.string(), z.string());
const labelSelector = z.strictObject({ matchLabels: labels });
const volume = z.strictObject({
  name: z.string(),
  emptyDir: z.strictObject({ medium: z.literal("Memory"), sizeLimit: z.string() }).optional(),
  configMap: z.strictObject({ name: z.string(), optional: z.boolean() }).optional(),
});

export const deployment = z.strictObject({
  apiVersion: z.literal("apps/v1"),
  kind: z.literal("Deployment"),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    replicas: z.int().optional(),
    selector: labelSelector,
    strategy: z.strictObject({
      rollingUpdate: z.strictObject({ maxSurge: z.int(), maxUnavailable: z.literal(0) }),
    }),
    template: z.strictObject({
      metadata: z.strictObject({ labels, annotations: labels }),
      spec: z.strictObject({
        automountServiceAccountToken: z.literal(false),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int().positive(),
          runAsGroup: z.int().positive(),
          fsGroup: z.int().positive(),
          seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
        }),
        terminationGracePeriodSeconds: z.int(),
        topologySpreadConstraints: z.array(
          z.strictObject({
            maxSkew: z.int(),
            topologyKey: z.string(),
            whenUnsatisfiable: z.enum(["ScheduleAnyway", "DoNotSchedule"]),
            labelSelector,
          }),
        ),
        containers: z.tuple([container]),
        volumes: z.array(volume),
      }),
    }),
  }),
});

export type Deployment = z.output<typeof deployment>;
