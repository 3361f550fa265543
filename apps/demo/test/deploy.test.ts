import { readFileSync } from "node:fs";

import { ConfigService } from "@infra/config";
import { toMilliseconds, type Duration } from "@infra/interfaces";
import { lifecycleConfig } from "@infra/lifecycle";
import { serverConfig, ServerManager } from "@infra/server";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";

import { createDemo, type Demo } from "../src/demo.js";

const read = (name: string): string =>
  readFileSync(new URL(`../deploy/${name}`, import.meta.url), "utf8");

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly startupProbe: Probe;
    readonly livenessProbe: Probe;
    readonly readinessProbe: Probe;
    readonly resources: object;
    readonly securityContext: object;
  }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas: number;
    readonly selector: Readonly<Record<string, string>> & { readonly matchLabels: object };
    readonly ports: readonly { readonly targetPort: string }[];
    readonly scaleTargetRef: { readonly name: string };
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: Pod };
  };
}

const documents = parseAllDocuments(read("kubernetes.yaml"));
const manifests = documents.map((document) => document.toJS() as Manifest);
const of = (kind: string): Manifest[] => manifests.filter((each) => each.kind === kind);
const settings = { ...of("ConfigMap")[0]!.data, ...of("Secret")[0]!.stringData };
const deployments = of("Deployment");

/** Of a text such as `25s`. */
const seconds = (text: string | undefined): number => toMilliseconds(text as Duration) / 1000;

/** Starts nothing but what a probe needs. */
function demoOf(env: Readonly<Record<string, string>>): Demo {
  return createDemo({
    config: {
      env: {
        NODE_ENV: "test",
        LOG_LEVEL: "fatal",
        DATABASE_URL: "pglite:memory",
        STORAGE_URL: "memory:",
        ENCRYPTION_KEY: "a key for tests",
        ...env,
        PORT: "0",
        HOST: "127.0.0.1",
      },
      argv: [],
    },
    lifecycle: { exit: false, print: () => {} },
  });
}

describe.each(["web", "worker"])("kubernetes.yaml: %s", (role) => {
  const { spec } = deployments.find(({ metadata }) => metadata.name === `photo-album-${role}`)!;
  const pod = spec.template.spec;
  const container = pod.containers[0]!;
  let demo: Demo;

  beforeAll(async () => {
    demo = demoOf({ ROLE: role });
    await demo.lifecycle.startup();
  }, 60_000);
  afterAll(() => demo.lifecycle.shutdown());

  it("runs twice, in the role that its name says", () => {
    expect(spec.replicas).toBe(2);
    expect(container.env).toEqual([{ name: "ROLE", value: role }]);
  });

  it("asks the port and the paths that the app answers", async () => {
    const { port } = serverConfig.defaults();
    expect(container.ports).toEqual([{ name: "http", containerPort: port }]);
    const { url } = demo.container.get(ServerManager);
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
      const { path, port: name } = container[probe].httpGet;
      expect([probe, name, (await fetch(url! + path)).status]).toEqual([probe, "http", 200]);
    }
  });

  it("gives the start and the stop the time that the lifecycle takes for them", () => {
    const { startupProbe, readinessProbe } = container;
    const startSeconds = startupProbe.periodSeconds * startupProbe.failureThreshold!;
    expect(startSeconds * 1000).toBeGreaterThan(
      toMilliseconds(lifecycleConfig.defaults().hookTimeout),
    );
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
      seconds(settings["SHUTDOWN_TIMEOUT"]),
    );
    expect(seconds(settings["SHUTDOWN_TIMEOUT"])).toBeGreaterThan(
      2 * seconds(settings["PRE_STOP_DELAY"]),
    );
    expect(seconds(settings["PRE_STOP_DELAY"])).toBeGreaterThan(
      readinessProbe.periodSeconds * readinessProbe.failureThreshold!,
    );
  });

  it("runs as nobody special, within bounds", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.anything(), memory: expect.anything() },
      limits: { memory: expect.anything() },
    });
  });

  it("is found by what selects it", () => {
    const { labels } = spec.template.metadata;
    expect(labels).toEqual(spec.selector.matchLabels);
    const budget = of("PodDisruptionBudget").find(({ metadata }) =>
      metadata.name.endsWith(`-${role}`),
    )!;
    expect(budget.spec.selector.matchLabels).toEqual(labels);
    if (role !== "web") return;
    expect(of("Service")[0]!.spec.selector).toEqual(labels);
    expect(of("Service")[0]!.spec.ports[0]!.targetPort).toBe("http");
    expect(of("HorizontalPodAutoscaler")[0]!.spec.scaleTargetRef.name).toBe("photo-album-web");
  });
});

/** Names of variables that no setting of the app is read from. */
function unknownNames(env: Readonly<Record<string, string>>): string[] {
  const { container } = demoOf(env);
  container.managed();
  const explained = container.get(ConfigService).explainAll();
  const sources = new Set(
    explained.flatMap(({ origin, outdone }) => [origin, ...outdone].map((each) => each?.source)),
  );
  return Object.keys(env).filter((name) => !sources.has(`${name} in the environment`));
}

it("kubernetes.yaml: can be read", () => {
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
});

it("kubernetes.yaml: every variable is one that the app reads", () => {
  expect(unknownNames(settings)).toEqual([]);
});

it("kubernetes.yaml: the app does not start on the secrets that stand in it", () => {
  expect(() => demoOf({ ...settings, NODE_ENV: "production" }).container.verify()).toThrow(
    /ENCRYPTION_KEY/,
  );
});

describe("compose.yaml", () => {
  interface Service {
    readonly environment?: Readonly<Record<string, string>>;
    readonly stop_grace_period?: string;
    readonly depends_on?: object;
  }
  const { services } = parse(read("compose.yaml"), { merge: true }) as {
    services: Readonly<Record<string, Service>>;
  };
  const names = ["web-1", "web-2", "worker-1", "worker-2"];

  it.each(names)("%s: has its role, variables that the app reads, and time to stop", (name) => {
    const { environment, stop_grace_period: grace } = services[name]!;
    expect(environment!["ROLE"]).toBe(name.split("-")[0]);
    const given = { ...environment, ENCRYPTION_KEY: "x".repeat(32), ADMIN_EMAIL: "a@example.org" };
    expect(unknownNames(given)).toEqual([]);
    expect(seconds(grace)).toBeGreaterThan(seconds(environment!["SHUTDOWN_TIMEOUT"]));
  });

  it("waits for services that are there", () => {
    for (const service of Object.values(services)) {
      const wanted = service.depends_on ?? {};
      const list = Array.isArray(wanted) ? (wanted as string[]) : Object.keys(wanted);
      expect(Object.keys(services)).toEqual(expect.arrayContaining(list));
    }
  });

  it("has a proxy for both web processes, which asks whether they are ready", () => {
    const caddyfile = read("Caddyfile");
    expect(/reverse_proxy (.*) \{/.exec(caddyfile)?.[1]).toBe("web-1:3000 web-2:3000");
    expect(caddyfile).toContain("health_uri /health/ready");
  });
});

it("Dockerfile: runs the program that `pnpm start` runs", () => {
  const { scripts } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { scripts: { start: string } };
  const [, command] = /^CMD (.*)$/m.exec(read("Dockerfile"))!;
  expect((JSON.parse(command!) as string[]).join(" ")).toBe(scripts.start);
});
