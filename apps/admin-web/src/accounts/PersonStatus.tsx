import type { PersonRow } from "@daybook/projections";
import { t } from "../texts/index.ts";
import { Status } from "../ui/Status.tsx";

export const PersonStatus = ({ status }: Pick<PersonRow, "status">) => (
  <Status label={t.values[status]} tone={status === "active" ? "good" : "still"} />
);
