/** A change in the chain of a stock or a balance. */
interface Change {
  readonly seq: number;
  readonly at: Date;
}

/**
 * True if the change found under an idempotency key was written by an earlier run of this same transaction,
 * which was run again because the response to its COMMIT was lost. No client has received a reply then, so it
 * is no replay. Two requests with the same key never write the same seq at the same moment.
 */
export function isOwnChange(written: Change | undefined, found: Change): boolean {
  return written?.seq === found.seq && written.at.getTime() === found.at.getTime();
}
