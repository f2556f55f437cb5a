// deploy/: the manifests meet Kubernetes' own schemas and say what docs/deploy.md promises, the
// Dockerfile names executables that are built, the systemd drop-in is one that systemd takes. None
// of them is run here.

import { describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BUILD_TARGETS } from "../../scripts/executable/targets.ts";
import { temporaryFolder } from "../cli/temporary-folder.ts";
import { root } from "../tidy/source-files.ts";

const folder = join(root, "deploy/kubernetes");
const manifests = ["base", "faults"].flatMap((name) =>
  readdirSync(join(folder, name))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => `${name}/${file}`),
);
const resources = manifests.filter((name) => basename(name) !== "kustomization.yaml");

interface Resource {
  readonly kind: string;
  readonly metadata?: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
  readonly data?: Readonly<Record<string, string>>;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly containers: readonly {
    readonly args?: readonly string[];
    readonly securityContext: { readonly privileged?: boolean };
  }[];
}

function read(name: string): Resource[] {
  const found = Bun.YAML.parse(readFileSync(join(folder, name), "utf8")) as Resource | Resource[];
  return Array.isArray(found) ? found : [found];
}

describe("the Kubernetes manifests", () => {
  test.each(["1.30.0", "1.37.0"])("meet the schemas of version %s", (version) => {
    const validator = join(root, ".tools/kubernetes-validate/bin/kubernetes-validate");
    const paths = resources.map((name) => join(folder, name));
    const ran = Bun.spawnSync([validator, "--strict", "-k", version, ...paths]);
    const lines = `${ran.stdout}${ran.stderr}`.trim().split("\n");
    expect(lines.filter((line) => !line.includes(" passed for resource "))).toEqual([]);
    expect(ran.exitCode).toBe(0);
  });

  test("are all in a kustomization", () => {
    for (const name of ["base", "faults"]) {
      const [kustomization] = read(`${name}/kustomization.yaml`);
      const patches = kustomization?.patches?.map(({ path }) => path) ?? [];
      const named = [...(kustomization?.resources ?? []), ...patches];
      const files = readdirSync(join(folder, name)).filter((file) => file !== "kustomization.yaml");
      expect(named.filter((each) => each !== "../base").sort()).toEqual(files.sort());
    }
  });

  test("are privileged for faults only, and take the token from a secret", () => {
    const pods = resources.flatMap((name) =>
      read(name).flatMap((resource) => {
        const spec = resource.spec?.template?.spec;
        return spec === undefined ? [] : [{ name, spec, text: JSON.stringify(spec) }];
      }),
    );
    const privileged = pods.filter(({ text }) => text.includes('"privileged":true'));
    expect(privileged.map(({ name }) => name)).toEqual(["faults/agents.yaml"]);
    for (const { name, spec, text } of pods) {
      if (name.startsWith("faults/")) continue;
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.containers[0]?.args).toContain("--token-file=/etc/trogdor-token/token");
      expect(text).toContain('"secretName":"trogdor-token"');
      expect(text).toContain('"runAsNonRoot":true');
    }
  });

  test("have a topology that the daemons read, as has the one that kubectl's list makes", () => {
    using place = temporaryFolder();
    const kubectl = join(place.path, "kubectl");
    writeFileSync(kubectl, "#!/bin/sh\nprintf 'a 10.0.0.1\\nb 10.0.0.2 x\\n'\n", { mode: 0o755 });
    const made = Bun.spawnSync([join(folder, "topology")], {
      env: { PATH: `${place.path}:/usr/bin:/bin` },
    }).stdout.toString();
    const texts = [readFileSync(join(folder, "base/topology.yaml"), "utf8"), made];
    const names = texts.map((text) => {
      const { data } = Bun.YAML.parse(text) as Resource;
      const conf = data?.["trogdor.conf"]?.replace(/#.*/g, "") ?? "";
      const path = join(place.path, "trogdor.conf");
      writeFileSync(path, conf);
      return Object.keys((JSON.parse(conf) as { nodes: object }).nodes);
    });
    expect(names).toEqual([
      ["coordinator", "node-1", "node-2"],
      ["coordinator", "a", "b"],
    ]);
  });
});

describe("the Dockerfile", () => {
  test("names executables that scripts/build makes", () => {
    const text = readFileSync(join(root, "deploy/docker/Dockerfile"), "utf8");
    const named = [...text.matchAll(/name=trogdor-(\S+)/g)].map((match) => match[1]!);
    const targets = BUILD_TARGETS.map(({ name }) => name);
    expect(named.filter((name) => !targets.some((target) => target === name))).toEqual([]);
    expect(named).toHaveLength(2);
    expect(text).toContain("\nUSER 65532:65532\n");
  });
});

describe("the systemd drop-in with the token", () => {
  test("is accepted by systemd-analyze", () => {
    const analyze = Bun.which("systemd-analyze");
    if (analyze === null) throw new Error("no systemd-analyze: run scripts/bootstrap --browser");
    using place = temporaryFolder();
    const unit = join(place.path, "trogdor-agent@.service");
    const text = readFileSync(join(root, "deploy/systemd/trogdor-agent@.service"), "utf8");
    writeFileSync(unit, text.replaceAll("/usr/local/bin/trogdor", "/bin/true"));
    mkdirSync(`${unit}.d`);
    copyFileSync(join(root, "deploy/systemd/token.conf"), `${unit}.d/token.conf`);
    const { stderr, exitCode } = Bun.spawnSync([analyze, "verify", "--man=no", unit]);
    const about = stderr.toString().split("\n");
    expect({
      about: about.filter((line) => /trogdor|token\.conf/.test(line)),
      exitCode,
    }).toEqual({ about: [], exitCode: 0 });
  });
});
