/**
 * Classifies driver errors by what they mean for the transaction. Matched by number: MariaDB and MySQL use
 * the same numbers under different names.
 */
import { OperationalError } from '../operational-error.ts';

/**
 * 1213 deadlock, 1205 lock wait timeout, 1020 snapshot conflict (MariaDB ≥ 11.6), 3572 lock not available
 * under NOWAIT, 1412 table altered since the snapshot began.
 */
const CONTENTION = new Set([1213, 1205, 1020, 3572, 1412]);

/**
 * 1053 shutdown in progress, 1927 connection killed, 2006 and 2013 connection lost, 4031 closed for
 * inactivity, 1040 too many connections, 1317 query interrupted.
 */
const LOST = new Set([1053, 1927, 2006, 2013, 4031, 1040, 1317]);

/**
 * The server has become read-only, as the old writer does after a failover. 1290: read_only or
 * super_read_only rejects the beginning of a transaction. 1036: MariaDB under innodb_read_only, or MySQL in
 * forced recovery, rejects the first write. 1792: transactions are READ ONLY by default. 1836: a reader of
 * Amazon Aurora, as in magento/magento2#31145. No test sees 1836 as an error: MySQL 9.7.4 and MariaDB
 * 10.11.19 give it as a warning beside 1015 or 1036, and MySQL as the error of DDL.
 */
const READ_ONLY = new Set([1290, 1036, 1792, 1836]);

/** MySQL's error for a write under innodb_read_only, if its message has errno 165, "table is read only". */
const CANNOT_LOCK = 1015;
const TABLE_IS_READ_ONLY = /\b165\b/;

/**
 * The server has no room. 3 and 1026: a file could not be written, such as the binary log at a COMMIT. 20 and
 * 1021: the disk is full. 1114: a table cannot grow. 1598: MySQL cannot write its binary log and exits; after
 * the restart the transaction may be there.
 */
const NO_ROOM = new Set([3, 20, 1021, 1026, 1114, 1598]);

/** The server stopped a statement at its time limit: 1969 on MariaDB, 3024 on MySQL. */
const TOO_LONG = new Set([1969, 3024]);

const DUPLICATE_KEY = 1062;

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;

export type DatabaseFailure =
  /** The whole transaction may run again after a rollback. */
  | 'contention'
  /** The connection is unusable, and the outcome of a running statement is unknown. */
  | 'connection'
  /** The server stopped the statement at the time limit of the session. */
  | 'too-long'
  /** The statement itself is wrong. */
  | 'statement';

interface DriverError {
  errno?: unknown;
  code?: unknown;
  message?: unknown;
  fatal?: unknown;
  syscall?: unknown;
}

export function databaseFailure(error: unknown): DatabaseFailure {
  const { errno, code, fatal, syscall } = (error ?? {}) as DriverError;
  if (typeof errno === 'number') {
    if (CONTENTION.has(errno)) return 'contention';
    if (TOO_LONG.has(errno)) return 'too-long';
    if (LOST.has(errno) || isReadOnlyServer(error) || NO_ROOM.has(errno)) return 'connection';
  }
  if (fatal === true || syscall !== undefined) return 'connection';
  if (typeof code === 'string' && /^(PROTOCOL_|E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NOTFOUND))/.test(code)) {
    return 'connection';
  }
  if (
    error instanceof Error &&
    /closed state|Pool is closed|Queue limit|Can't add new command/.test(error.message)
  ) {
    return 'connection';
  }
  return 'statement';
}

/** The server begins transactions that may write, but its engine writes nothing. */
export class ReadOnlyEngine extends OperationalError {
  constructor() {
    super('dependency_unavailable', 'the database is read-only');
  }
}

/** True when the server is no longer the writer: its connections are unusable, even for reads. */
export function isReadOnlyServer(error: unknown): boolean {
  if (error instanceof ReadOnlyEngine) return true;
  const { errno, message } = (error ?? {}) as DriverError;
  if (errno === CANNOT_LOCK) return TABLE_IS_READ_ONLY.test(String(message));
  return typeof errno === 'number' && READ_ONLY.has(errno);
}

/** The kind of lock conflict that ended a transaction or a statement, if any. */
export function lockConflict(error: unknown): 'deadlock' | 'timeout' | undefined {
  const errno = (error as DriverError | undefined)?.errno;
  if (errno === DEADLOCK) return 'deadlock';
  return errno === LOCK_WAIT_TIMEOUT ? 'timeout' : undefined;
}

/** True when the server did not answer a statement in time. */
export function isTimeout(error: unknown): boolean {
  return (error as DriverError | undefined)?.code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}

export function isDuplicateKey(error: unknown): boolean {
  return (error as DriverError | undefined)?.errno === DUPLICATE_KEY;
}

/** Turns a driver error into an OperationalError, unless the statement itself is wrong. */
export function operational(error: unknown): unknown {
  if (error instanceof OperationalError) return error;
  switch (databaseFailure(error)) {
    case 'too-long':
      return new OperationalError('busy_retry', 'a statement exceeded its time limit', { cause: error });
    case 'contention':
      return new OperationalError('busy_retry', 'the transaction met a lock conflict', { cause: error });
    case 'connection':
      return new OperationalError('dependency_unavailable', 'the database connection was lost', {
        cause: error,
      });
    case 'statement':
      return error;
  }
}
