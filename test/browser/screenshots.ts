import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Look, openBrowser } from "../support/browser.ts";
import { removeFolder, startServer } from "../support/server.ts";
import { looks, openScene, type Scene, type State, show, signInAs, states } from "./states.ts";

// Pictures of every page in every look, into a folder that is not kept:
// npm run screenshots -- [folder] [beginning of a name] [beginning of a look, as 360-dark]

const [folder = "screenshots", only = "", look = ""] = process.argv.slice(2);
const chosen = states.filter(({ name }) => name.startsWith(only));

/** Everything that one person sees, in one look. */
async function picture(scene: Scene, look: Look, as: State["as"]) {
  const into = resolve(folder, `${look.width}-${look.scheme}`);
  await mkdir(into, { recursive: true });
  const { context, close } = await openBrowser(look);
  try {
    const page = await context.newPage();
    await signInAs(page, scene, as);
    for (const state of chosen.filter((one) => one.as === as)) {
      const file = join(into, `${state.name}.png`);
      await show(page, scene, state);
      // What moves has come to rest.
      await page.waitForTimeout(250);
      await page.screenshot({ path: file });
      process.stdout.write(`${file}\n`);
    }
  } finally {
    await close();
  }
}

const server = await startServer();
try {
  const scene = await openScene(server);
  for (const one of looks.filter(({ width, scheme }) => `${width}-${scheme}`.startsWith(look)))
    for (const as of new Set(chosen.map((state) => state.as))) await picture(scene, one, as);
} finally {
  await server.end();
  await removeFolder(server.data);
}
