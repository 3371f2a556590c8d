import { expect, test } from "vitest";
import { createTable } from "./table.ts";
import { cut, safe, safeJson, width } from "./text.ts";

const columns = [
  { title: "NAME", max: 12 },
  { title: "AGE", right: true },
  { title: "NOTE", below: true },
];

test("columns are as wide as their widest cell, numbers to the right", () =>
  expect(
    createTable(columns)(
      [
        ["Ada", "36", "counts"],
        ["Grace", "105", ""],
      ],
      undefined,
    ),
  ).toBe("NAME   AGE  NOTE\nAda     36  counts\nGrace  105\n"));

test("what comes later keeps to the columns, without a second header", () => {
  const table = createTable(columns);
  table([["Ada", "36", "a"]], 60);
  expect(table([["Augusta", "7", "b"]], 60)).toBe("Aug…    7  b\n");
});

test("a narrow terminal takes two lines a row, cut where they are too long", () =>
  expect(createTable(columns)([["Ada", "36", "more than there is room for"]], 20)).toBe(
    "NAME  AGE\n  NOTE\nAda    36\n  more than there i…\n",
  ));

test("wide characters take two cells, marks none", () => {
  expect(width("帳簿")).toBe(4);
  expect(width("e\u0301")).toBe(1);
  expect(width("👩‍👩‍👧")).toBe(2);
  expect(width("ｱｲ")).toBe(2);
  expect(cut("帳簿帳簿", 6)).toBe("帳簿…");
});

test("text that could drive the terminal is replaced, and other scripts stay", () => {
  expect(safe("a\u001b[2J\u009b\u202e\ud800b")).toBe("a\ufffd[2J\ufffd\ufffd\ufffdb");
  expect(safe("می‌خواهم 👩‍👧 é")).toBe("می‌خواهم 👩‍👧 é");
});

test("JSON parses to the same value, and holds no such character", () => {
  const value = { "\u009b": "\u007f\u202e\u{E0041}帳" };
  const json = safeJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toBe('{"\\u009b":"\\u007f\\u202e\\udb40\\udc41帳"}');
});
