import {
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnsupportedError,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import { StoreUnavailable } from "../../unavailable.ts";

const answers = [
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnsupportedError,
  WrongExpectedVersionError,
];

/** Whether the server has decided. All else is a connection that failed, at whatever stage. */
export const isAnswer = (error: unknown): boolean => answers.some((one) => error instanceof one);

/** What is thrown for an error of the client: one that may be over the next time, or itself. */
export function thrownFor(error: unknown): unknown {
  if (isAnswer(error) || error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`EventStoreDB: ${(error as Error).message}`);
}
