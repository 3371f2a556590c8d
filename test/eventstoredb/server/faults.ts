/** What becomes of an append that is to go wrong. */
export type AppendFault =
  /** Nothing is stored, and it is answered UNAVAILABLE. */
  | "refused"
  /** It is stored, and answered UNAVAILABLE all the same. */
  | "lost"
  /** It is stored, and never answered. */
  | "unanswered"
  /** It is stored when `release` is called, and answered to nobody. */
  | "late"
  /** It is stored, and the process is gone before it answers. */
  | "fatal";

/** How the server misbehaves at present. */
export type Faults = {
  /** Every call is answered UNAVAILABLE. */
  unavailable: boolean;
  /** No call is answered, nor anything stored. */
  stalled: boolean;
  /** What the next appends meet with, one each. */
  appends: AppendFault[];
  /** Every read and subscription ends with UNAVAILABLE after so many answers. */
  dropAfter: number | undefined;
  /** Which node leads. */
  leader: number;
};

/** What the process is told, and asks to be told in turn that it was done. */
export type Control =
  | { kind: "set"; faults: Partial<Faults> }
  /** Ends what is being read and subscribed to. */
  | { kind: "drop" }
  /** Stores the late appends. */
  | { kind: "release" };

export type Misbehaviour = ReturnType<typeof misbehaviour>;

export function misbehaviour() {
  const faults: Faults = {
    ...{ unavailable: false, stalled: false, appends: [], dropAfter: undefined, leader: 0 },
  };
  const reading = new Set<() => void>();
  let late: (() => Promise<unknown>)[] = [];

  return {
    faults,
    /** Registers what ends a call that is being read from; returns what takes it out again. */
    reading: (end: () => void) => {
      reading.add(end);
      return () => reading.delete(end);
    },
    storeLater: (store: () => Promise<unknown>) => {
      late.push(store);
    },
    control: async (message: Control) => {
      if (message.kind === "set") Object.assign(faults, message.faults);
      if (message.kind === "drop") for (const end of [...reading]) end();
      if (message.kind === "release") {
        const these = late;
        late = [];
        for (const store of these) await store();
      }
    },
  };
}
