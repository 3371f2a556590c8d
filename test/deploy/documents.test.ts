import { expect, test } from "vitest";
import { pathsOf, textOf } from "./files.ts";
import { isSetting } from "./settings.ts";

const documents = ["README.md", "docs/production.md"];
/** What compose alone is given, and what tracing reads by its own conventions. */
const elsewhere =
  /^(MONGODB_(ROOT_PASSWORD|PASSWORD|KEY)|(EVENTSTORE|REDIS)_PASSWORD|TARGET_\w+|OTEL_\w+)$/;

test.each(documents)("%s names only settings that there are", (path) => {
  const names = textOf(path).matchAll(
    /\b(?:[A-Z]+_)+(?:URL|KEY|PASSWORD|FROM|ENDPOINT)\b|\bDAYBOOK_\w+/g,
  );
  const unknown = [...names]
    .map(([name]) => name)
    .filter((name) => !elsewhere.test(name) && !isSetting(name));
  expect(unknown).toEqual([]);
});

test.each(documents)("%s links only to what there is", (path) => {
  const folder = path.includes("/") ? "docs/" : "";
  const links = [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
    ([, to]) => to as string,
  );
  const files = links.map((to) => new URL(to, `file:///${folder}`).pathname.slice(1));
  expect(files.filter((file) => pathsOf(file).length === 0)).toEqual([]);
});

test("docs/production.md explains every alert", () => {
  const alerts = [...textOf("deploy/prometheus/alerts.yml").matchAll(/alert: (\w+)/g)].map(
    ([, name]) => name as string,
  );
  const explained = textOf("docs/production.md");
  expect(alerts.filter((name) => !explained.includes(name))).toEqual([]);
});
