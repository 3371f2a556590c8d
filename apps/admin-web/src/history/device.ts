const systems = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/;
const browsers = /(Edg|OPR|Firefox|Chrome|Safari)\/[\d.]+/;
const names: Readonly<Record<string, string>> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };

/** The browser and system in a user agent's text, as far as people care. */
export function deviceOf(userAgent: string, joined: (browser: string, system: string) => string) {
  const [browser, system] = [browsers, systems]
    .map((pattern) => pattern.exec(userAgent)?.[1])
    .map((part) => part && (names[part] ?? part));
  if (browser && system) return joined(browser, system);
  return browser ?? system ?? userAgent.slice(0, 60);
}
