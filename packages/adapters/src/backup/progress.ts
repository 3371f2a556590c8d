/** How far one part of a long work is. */
export type Step = { task: string; unit: string; done: number; total: number };

/** What a long work tells again and again, and what ends it early: it throws the signal's reason. */
export type Work = { progress: (step: Step) => void; signal: AbortSignal };
