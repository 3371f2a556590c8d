import { z } from "zod";

/** What the address of a list may say: text, and nothing else is passed on. */
export const listSearch = z.record(z.string(), z.coerce.string().optional());
