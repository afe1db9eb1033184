import type { Lease } from './connection-pool.ts';
import { databaseFailure, isReadOnlyServer } from './database-errors.ts';
import { formatSql, type SqlValue } from './format-sql.ts';
import { OperationalError } from '../operational-error.ts';
import { STATEMENT_TIMEOUT_MS } from './read-once.ts';

/** The connection was lost between sending COMMIT and its answer. */
export class CommitOutcomeUnknown extends OperationalError {
  constructor(cause: unknown) {
    super('busy_retry', 'the outcome of a commit is not known', { cause });
    this.name = 'CommitOutcomeUnknown';
  }
}

interface Waiting {
  readonly sql: string;
  /** Exact number of rows the statement must change; undefined means any. */
  readonly rows: number | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Fails on the server (1690, out of range) unless the statement before it has changed this many rows.
 * Statements behind it in the same packet, such as COMMIT, then do not run.
 */
const assertChanged = (rows: number): string => `SELECT 18446744073709551615 + (ROW_COUNT() <> ${rows})`;

/**
 * Sends the statements of a transaction, START TRANSACTION before the first. Statements issued in the same
 * tick are sent together: a group of orders needs two round trips instead of twelve, each of which waits for
 * a busy event loop. After a failure no statement is sent, and the server runs none behind a failed one in
 * its packet.
 */
export function createStatementQueue(lease: Lease) {
  let waiting: Waiting[] = [];
  let begun = false;
  let sending = false;
  let over = false;
  let committing: PromiseWithResolvers<void> | undefined;
  let failure: unknown;

  const send = async (): Promise<void> => {
    sending = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (failure !== undefined) throw failure;
        over = committing !== undefined;
        const answers = await sendTogether(lease, batch, { begins: !begun, commits: over });
        begun = true;
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as never);
        if (over) committing?.resolve();
      } catch (error) {
        fail(error);
        for (const { reject } of batch) reject(error);
        committing?.reject(error);
      }
    }
    sending = false;
  };

  const fail = (error: unknown): void => {
    failure ??= error;
  };

  return {
    /**
     * Ends the queue. Returns `open` when COMMIT has not been sent yet. Throws when a statement has failed or
     * was not awaited.
     */
    end: (): 'open' | 'committed' => {
      if (failure === undefined && (sending || waiting.length > 0)) {
        failure = new Error('a transaction ended before its statements: await each of them');
      }
      if (failure !== undefined) throw failure;
      const state = over ? 'committed' : 'open';
      over = true;
      return state;
    },
    /**
     * Ends the queue. Returns the reason why the transaction failed: its own first failure, otherwise
     * `error`.
     */
    abandon: (error: unknown): unknown => {
      over = true;
      fail(error);
      return failure;
    },
    run: async <R>(sql: string, values: readonly SqlValue[] = [], rows?: number): Promise<R> => {
      if (failure !== undefined) throw failure;
      if (over || committing !== undefined) throw new Error('the transaction of this statement has ended');
      let text: string;
      try {
        text = formatSql(sql, values);
      } catch (error) {
        fail(error);
        throw error;
      }
      return new Promise<R>((resolve, reject) => {
        waiting.push({ sql: text, rows, resolve, reject });
        if (!sending && waiting.length === 1) afterMicrotasks(() => void send());
      });
    },
    commitWith: async (writes: readonly Promise<unknown>[]): Promise<void> => {
      for (const write of writes) write.catch(fail);
      if (failure !== undefined) throw failure;
      if (sending || waiting.length === 0) {
        await Promise.all(writes);
        throw new Error('a COMMIT has no statements to go with');
      }
      committing = Promise.withResolvers();
      await Promise.all([...writes, committing.promise]);
    },
  };
}

/** Returns one answer per statement, in order. */
async function sendTogether(
  lease: Lease,
  batch: readonly Waiting[],
  { begins, commits }: { readonly begins: boolean; readonly commits: boolean },
): Promise<never[]> {
  // READ WRITE, because a read-only server rejects that at once instead of after locking rows.
  const statements = begins ? ['START TRANSACTION READ WRITE'] : [];
  const positions = batch.map(({ sql, rows }) => {
    const position = statements.push(sql) - 1;
    if (rows !== undefined) statements.push(assertChanged(rows));
    return position;
  });
  if (commits) statements.push('COMMIT');
  try {
    const answer = await lease.query<never[]>(statements.join(';\n'), STATEMENT_TIMEOUT_MS);
    // The answer to a single statement is not wrapped in an array.
    return statements.length === 1
      ? [answer as never]
      : positions.map((position) => answer[position] as never);
  } catch (error) {
    throw commits ? lostCommit(error) : error;
  }
}

/**
 * Calls it when no microtask waits: a write that has failed before it was issued has then rejected all
 * promises that wait for it, and its COMMIT is not sent.
 */
function afterMicrotasks(call: () => void): void {
  queueMicrotask(() => process.nextTick(call));
}

/**
 * Turns the failure of a packet with a COMMIT into CommitOutcomeUnknown when the connection was lost. A
 * read-only server has answered: it rejects the transaction, a write or the COMMIT, and keeps nothing.
 */
export function lostCommit(error: unknown): unknown {
  const isUnknown = databaseFailure(error) === 'connection' && !isReadOnlyServer(error);
  return isUnknown ? new CommitOutcomeUnknown(error) : error;
}
