import { openBrowser } from "./support/browser.ts";
const [out, width, ...files] = process.argv.slice(2);
const { context, close } = await openBrowser({ width: Number(width), height: 800, scheme: "light" });
const page = await context.newPage();
await page.goto("file:///tmp/x.html").catch(() => undefined);
await page.setContent(`<body style="margin:0;display:flex;flex-wrap:wrap;gap:6px;background:#888">${files.map((f) => `<img style="height:790px" src="data:image/png;base64,${require_(f)}">`).join("")}</body>`);
function require_(f: string) { return (process.getBuiltinModule("node:fs")).readFileSync(f).toString("base64"); }
await page.waitForTimeout(500);
await page.screenshot({ path: out, fullPage: true });
await close();
