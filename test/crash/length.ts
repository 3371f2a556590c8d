/** How often the random test kills the server: a few times among the other tests, else as it is told. */
export const kills = Number(process.env.CRASH_KILLS || 20);

/** Whether there is time to wait until the leases of mails that a kill has cut off are over. */
export const longRun = kills >= 100;
