/** A change in the chain of a stock or a balance: its number, and when it was made. */
interface Change {
  readonly seq: number;
  readonly at: Date;
}

/**
 * Whether what a key has led to was written by an earlier run of the same transaction, which was run again because the answer
 * to its COMMIT was lost. Nobody has been told of it then, so it is no replay. Of two requests with one key no two write the
 * same number at the same moment.
 */
export function isOwnChange(written: Change | undefined, found: Change): boolean {
  return written?.seq === found.seq && written.at.getTime() === found.at.getTime();
}
