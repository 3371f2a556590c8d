import { inProcessQueue } from "@daybook/adapters";
import { queueContract } from "./queue-contract.ts";

queueContract("in process", () => {
  const errors: unknown[] = [];
  const now = () => new Date();
  return { queue: inProcessQueue(now, (error) => errors.push(error)), now, errors };
});
