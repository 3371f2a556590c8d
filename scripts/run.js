// Runs a task of the project on the pinned Node, installing and building what is missing first.
// Plain JavaScript without dependencies: it must start on the Node that the machine has.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkSizes } from "./sizes.js";
import { install, pinnedNode } from "./toolchain.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);

const chromiumPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

install(root);
const node = pinnedNode(root);
const env = {
  ...process.env,
  PATH: [dirname(node), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
  // Stripped and compiled sources are kept: a second start takes half a second less.
  NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node"),
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};

/** Runs a tool of node_modules/.bin to its end; what it says is shown only when it fails. */
function run(tool, given, { quiet = false } = {}) {
  const command = join(root, "node_modules/.bin", tool);
  const stdio = quiet ? "pipe" : "inherit";
  const { status, stdout, stderr } = spawnSync(command, given, { cwd: root, env, stdio });
  if (status === 0) return;
  if (quiet) process.stderr.write(`${stdout}${stderr}`);
  process.exit(status ?? 1);
}

const build = () => run("turbo", ["run", "build", "--output-logs=errors-only"], { quiet: true });

/** The program ends with this process, however that ends, and this process with the program. */
function runProgram(main) {
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, main), ...args], {
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 1000).unref();
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function test() {
  const chromium = process.env.CHROMIUM ?? chromiumPaths.find((path) => existsSync(path));
  if (!chromium) {
    process.stderr.write(
      "No Chromium: the tests in test/browser are left out. To run them, install it " +
        "(apt-get install chromium) or set CHROMIUM to its path.\n",
    );
    if (process.env.CI === "true") process.exit(1);
  }
  build();
  if (!chromium) env.TEST_WITHOUT_BROWSER = "1";
  run("vitest", ["run", ...args]);
}

const tasks = {
  start() {
    build();
    runProgram("apps/server/src/main.ts");
  },
  build,
  test,
  /** The crash test at length: an installation is killed so often, and every mail waited for. */
  "test:crash"() {
    build();
    env.CRASH_KILLS ??= "120";
    run("vitest", ["run", "test/crash", ...args]);
  },
  check() {
    run("biome", ["ci", "--error-on-warnings", "."]);
    build();
    // At once: apart, each workspace would check again what it imports of the others.
    for (const project of [".", "apps/admin-web", "test/browser"]) run("tsc", ["-p", project]);
    run("knip", []);
    // What is deployed, as far as it can be looked at without an engine: schemas, lint, settings.
    if (!checkSizes(join(root, "apps/admin-web/dist"))) {
      process.stderr.write("The web app's first script is too large.\n");
      process.exit(1);
    }
    const deployed = ["compose", "image", "documents", "kubernetes", "workflow"];
    run("vitest", ["run", ...deployed.map((name) => `test/deploy/${name}.test.ts`)], {
      quiet: true,
    });
  },
  bench() {
    build();
    runProgram("test/bench/main.ts");
  },
  /** Pictures of every page of the web app, in every look. */
  screenshots() {
    build();
    runProgram("test/browser/screenshots.ts");
  },
  format: () => run("biome", ["check", "--write", "."]),
};

if (!(task in tasks)) {
  process.stderr.write(`usage: node scripts/run.js ${Object.keys(tasks).join(" | ")}\n`);
  process.exit(2);
}
tasks[task]();
