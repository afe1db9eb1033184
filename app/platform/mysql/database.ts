import { openConnectionPool, type Read } from './connection-pool.ts';
import { createDatabaseClock } from './database-clock.ts';
import { ReadOnlyEngine } from './database-errors.ts';
import { createDatabaseLogin, type ReadLogin } from './database-login.ts';
import type { SqlValue } from './format-sql.ts';
import type { Log } from '../observe/log.ts';
import { readOnce } from './read-once.ts';
import { createReplicaReader } from './replica-reader.ts';
import { createReplicaHeartbeat, raiseBeat, SELECT_BEAT } from './replica-heartbeat.ts';
import { readSnapshot, type SnapshotOptions } from './read-snapshot.ts';
import { databaseProblem } from '../server-requirements.ts';
import {
  runTransaction,
  type Transaction,
  type TransactionDependencies,
  type TransactionOptions,
  withTransaction,
} from './transaction.ts';

export type { Read, WriteResult } from './connection-pool.ts';
export type { SqlValue } from './format-sql.ts';
export type { Transaction } from './transaction.ts';

export interface Database {
  /** Rows of one SELECT outside a transaction, as last committed. Throws OperationalError. */
  read<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /**
   * Rows of one SELECT that may be some seconds old: from the read replica where there is one and it
   * responds, otherwise from the writer. Throws OperationalError.
   */
  readReplica<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** See transaction.ts. */
  withTransaction<T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** See read-snapshot.ts. */
  readSnapshot<T>(options: SnapshotOptions, work: (read: Read) => Promise<T>): Promise<T>;
  /**
   * The writer's clock in milliseconds since 1970; see database-clock.ts. Every decision by time and every
   * stored time follows this clock.
   */
  nowMs(): number;
  /** Callers that wait for a connection. */
  waiting(): number;
  /** Resolves when the writer begins a transaction that may write. Throws OperationalError. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions
  extends Pick<TransactionDependencies, 'log' | 'random' | 'onRetry' | 'onLockConflict'> {
  readonly writerUrl: string;
  readonly replicaUrl?: string | undefined;
  /** Called once the server rejects the login of the URLs. Without it that login is the only one. */
  readonly readLogin?: ReadLogin | undefined;
  readonly connectionsMax: number;
  /** The clock of this process, used until the database's clock is known. */
  readonly nowMs: () => number;
  /** Measures durations; never set back, as performance.now. Defaults to `nowMs`. */
  readonly steadyMs?: () => number;
}

/** Opens connections on first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const { log, connectionsMax, random, onRetry, onLockConflict } = options;
  const steadyMs = options.steadyMs ?? options.nowMs;
  const login = createDatabaseLogin({ read: options.readLogin, log, nowMs: steadyMs });
  const clock = createDatabaseClock({ steadyMs, processMs: options.nowMs, log });
  const onVersion = versionCheck(log);
  const single = { connectionsMax, multipleStatements: false, login, clock, onVersion, log };
  // Reads have their own connections, so that load on the catalogue leaves those of the orders free.
  const writer = openConnectionPool({ url: options.writerUrl, ...single, multipleStatements: true });
  const reader = openConnectionPool({ url: options.writerUrl, ...single });
  // One snapshot at a time, on a connection that no order or page can use.
  const snapshots = openConnectionPool({ url: options.writerUrl, ...single, connectionsMax: 1 });
  const replica =
    options.replicaUrl === undefined
      ? reader
      : openConnectionPool({ url: options.replicaUrl, ...single, clock: undefined });
  const read: Read = (sql, values) => readOnce(reader, sql, values);
  // The writer's name may point to another server by now. The old one would still serve reads, ever more
  // outdated.
  const onReadOnly = () => {
    log.warn('database_read_only');
    for (const pool of [writer, reader, snapshots]) pool.reconnect();
  };
  const writing = { pool: writer, log, steadyMs, random, onReadOnly, onRetry, onLockConflict };

  const readReplica = (): Read => {
    const fromReplica: Read = (sql, values) => readOnce(replica, sql, values);
    const isFresh = createReplicaHeartbeat({
      beat: () => withTransaction(writing, { name: 'replica_heartbeat', rerunnable: true }, raiseBeat),
      arrived: async () => {
        const [row] = await fromReplica<{ beat: number }>(SELECT_BEAT);
        return row?.beat ?? 0;
      },
      nowMs: steadyMs,
      onChange: (isFreshNow) => log.warn(isFreshNow ? 'replica_caught_up' : 'replica_stopped'),
    });
    return createReplicaReader({ replica: fromReplica, writer: read, isFresh, log, nowMs: steadyMs });
  };

  return {
    read,
    readReplica: replica === reader ? read : readReplica(),
    withTransaction: (settings, work) => withTransaction(writing, settings, work),
    readSnapshot: (settings, work) => readSnapshot(snapshots, settings, work),
    nowMs: clock.nowMs,
    waiting: () => writer.waiting() + reader.waiting() + (replica === reader ? 0 : replica.waiting()),
    probe: async () => {
      await runTransaction(writing, async (tx) => {
        const [row] = await tx.read<{ isReadOnly: number }>('SELECT @@innodb_read_only AS isReadOnly');
        if (row?.isReadOnly !== 0) throw new ReadOnlyEngine();
      });
    },
    close: async () => {
      await Promise.all([...new Set([writer, reader, replica, snapshots])].map((pool) => pool.close()));
    },
  };
}

/**
 * Reports a server that is too old, once per problem, as several pools connect to it. The app runs
 * regardless.
 */
function versionCheck(log: Log): (version: string) => void {
  let problem: string | undefined;
  return (version) => {
    const found = databaseProblem(version);
    if (found !== undefined && found !== problem) log.error('database_unsuitable', { problem: found });
    problem = found;
  };
}
