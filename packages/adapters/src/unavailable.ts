/**
 * A store could not do what it was asked, and may be able to later: its server is away or does not
 * answer in time; its disk is full, its file made read-only or locked for too long. Nothing is wrong
 * with what was asked, so that asking again is right. Of a write it is not known whether it happened,
 * unless the port says so.
 */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
