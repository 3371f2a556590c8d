/** How often the random test kills the server: a few times among the other tests, else as it is told. */
export const kills = Number(process.env.CRASH_KILLS || 12);

/** Whether there is time to wait until the leases of mails that a kill has cut off are over. */
export const longRun = kills >= 100;

/** How often something goes wrong with the processes and engines of an installation. */
export const faults = Number(process.env.CRASH_FAULTS || 50);
