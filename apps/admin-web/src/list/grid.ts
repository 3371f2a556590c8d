/**
 * The elements of a table that is laid out as a grid: they lose what they mean by that, and each says
 * its role itself.
 */
export const grid = {
  Table: "table",
  Head: "thead",
  Body: "tbody",
  Row: "tr",
  Heading: "th",
  Cell: "td",
} as const;
