import { type Erased, isErased } from "@daybook/domain/kernel";

/** Text as it is searched and ordered by: in lower case; what was erased is found by nobody. */
export const searchable = (value: string | Erased): string =>
  isErased(value) ? "" : value.toLowerCase().normalize("NFC");
