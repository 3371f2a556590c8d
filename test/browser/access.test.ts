import axe, { type RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { removeFolder, startServer, type TestServer } from "../support/server.ts";
import { patient } from "./hands.ts";
import { looks, openScene, type Scene, type State, show, signInAs, states } from "./states.ts";

// Everything that is to be seen can be used by everybody: axe finds nothing on it by day and by
// night, nothing moves for those who asked for that, and no page is wider than a small phone.

/** What WCAG 2.2 asks for without scrolling sideways (1.4.10). */
const SMALLEST = 320;
/** By night a page says the same in other colours. */
const COLOURS = ["color-contrast", "link-in-text-block"];
/** Shorter than a frame or two: nobody sees it move. */
const STILL_MS = 20;

let server: TestServer;
let scene: Scene;

beforeAll(async () => {
  server = await startServer();
  scene = await openScene(server);
});

afterAll(async () => {
  await server.end();
  await removeFolder(server.data);
});

/** What keeps people out who use a keyboard, a screen reader, or eyes that see less. */
async function barriers(page: Page, rules?: string[]) {
  const options: RunOptions = {
    resultTypes: ["violations"],
    // What a mail says is in a frame that runs no script, axe's included.
    iframes: false,
    ...(rules && { runOnly: { type: "rule", values: rules } }),
  };
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async (given) => {
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe;
    return (await run(document, given)).violations;
  }, options);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

/** Notes in the page whatever moves in it for longer than it may. */
const watchMotion = (page: Page) =>
  page.addInitScript((stillMs) => {
    const moved: string[] = [];
    Object.assign(globalThis, { moved });
    const note = ({ target }: Event) => {
      for (const animation of (target as Element).getAnimations()) {
        const { duration } = animation.effect?.getComputedTiming() ?? {};
        if (Number(duration) > stillMs) moved.push((target as Element).outerHTML.slice(0, 200));
      }
    };
    for (const type of ["animationstart", "transitionrun"])
      document.addEventListener(type, note, true);
  }, STILL_MS);

const movedIn = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { moved: string[] }).moved);

/** What is too wide for the window, once what floats over the page has found its place in it. */
const widthIn = (page: Page) =>
  page
    .waitForFunction(
      () => {
        const { scrollWidth = 0 } = document.scrollingElement ?? {};
        return scrollWidth <= window.innerWidth;
      },
      undefined,
      patient,
    )
    .then(
      () => [],
      async () => [
        `as wide as ${await page.evaluate(() => document.scrollingElement?.scrollWidth)} pixels`,
      ],
    );

async function inspect(page: Page, width: number) {
  const found = await barriers(page);
  await page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await barriers(page, COLOURS)).map((one) => `by night: ${one}`));
  await page.emulateMedia({ colorScheme: "light" });
  found.push(...new Set((await movedIn(page)).map((one) => `moves: ${one}`)));
  if (width < 600) {
    await page.setViewportSize({ width: SMALLEST, height: 800 });
    found.push(...(await widthIn(page)));
    await page.setViewportSize({ width, height: 800 });
  }
  return found;
}

const everybody: State["as"][] = ["nobody", "newcomer", "member", undefined];

describe.concurrent.each([...new Set(looks.map(({ width }) => width))])("at %i pixels", (width) => {
  test("nothing that is to be seen keeps anybody out", { timeout: 900_000 }, async () => {
    const { context, close } = await openBrowser({ width, height: 800, scheme: "light" });
    const found: Record<string, string[]> = {};
    try {
      for (const as of everybody) {
        await context.clearCookies();
        const page = await context.newPage();
        await page.emulateMedia({ reducedMotion: "reduce" });
        await watchMotion(page);
        await signInAs(page, scene, as);
        for (const state of states.filter((one) => one.as === as)) {
          const problems = await show(page, scene, state).then(
            () => inspect(page, width),
            (error: unknown) => [String(error)],
          );
          if (problems.length > 0) found[state.name] = problems;
        }
        await page.close();
      }
    } finally {
      await close();
    }
    expect(found).toEqual({});
  });
});
