import { rowValues, type RowDefinition } from './bench-rows.ts';

/** Kind of server process that receives the load. */
export type ServerKind =
  | 'rowlock'
  /** Processes of one machine, which share a lane. */
  | 'rowlock, two processes'
  | 'rowlock, four processes'
  /** Two machines: each has its own lane. */
  | 'rowlock, two instances'
  | 'rowlock, errors logged only'
  | 'naive'
  | 'naive, 48 connections'
  | 'echo'
  | 'popular from Redis'
  | 'popular by Express';

export type LoadKind = 'hot' | 'zipf' | 'uniform' | 'popular' | 'log-in';

/**
 * Data that a measurement uses: shared by the round, fresh for this cell, with a million orders, shared by
 * the round on MySQL, or shared by the round behind a delayed network, with and without a slow disk.
 */
export type ShopKind = 'round' | 'fresh' | 'preloaded' | 'mysql' | 'delayed' | 'slow-commit';

/** One measurement of a round. */
export type Cell = {
  readonly name: string;
  /** True if a quick run measures it in the first round only. */
  readonly isSide: boolean;
} & (LoadCell | RelayCell | CountingCell | EventsCell);

export interface LoadCell {
  readonly kind: 'load';
  readonly server: ServerKind;
  readonly load: LoadKind;
  readonly connections: number;
  readonly shop: ShopKind;
  /** Number of connections that log in at the same time. */
  readonly logInsBeside?: number | undefined;
  /** Client that sends the load: the benchmark's own, or wrk if it is installed. */
  readonly client: 'own' | 'wrk';
}

/** Measures how fast the worker empties an outbox. */
export interface RelayCell {
  readonly kind: 'relay';
  readonly queue: 'stub' | 'emulator';
}

/** Measures how fast one data platform counts what waits in the queue. */
export interface CountingCell {
  readonly kind: 'counting';
  readonly eventsPerMessage: number;
}

/** Measures a transport alone: how fast one process moves events, and what CPU time each takes. */
export interface EventsCell {
  readonly kind: 'events';
  readonly transport: 'sqs' | 'kafka';
  readonly direction: 'send' | 'receive';
}

export interface BenchSettings {
  readonly mode: 'quick' | 'full';
  readonly rounds: number;
  readonly warmUpMs: number;
  /** Longest warm-up of processes that have had no load yet; see warm-up.ts. */
  readonly firstWarmUpMs: number;
  readonly measureMs: number;
  /** Number of accounts that place the orders. */
  readonly buyers: number;
}

const load = (
  name: string,
  server: ServerKind,
  loadKind: LoadKind,
  connections = 64,
  more: { shop?: ShopKind; isSide?: boolean; logInsBeside?: number; client?: 'wrk' } = {},
): Cell => ({
  kind: 'load',
  name,
  server,
  load: loadKind,
  connections,
  shop: more.shop ?? 'round',
  isSide: more.isSide ?? false,
  logInsBeside: more.logInsBeside,
  client: more.client ?? 'own',
});

const side = { isSide: true };
const delayed = { shop: 'delayed', isSide: true } as const;
const slowCommit = { shop: 'slow-commit', isSide: true } as const;

/** All measurements in the order of the first round; later rounds start elsewhere in it. */
export const allCells: readonly Cell[] = [
  load('rowlock hot 64', 'rowlock', 'hot'),
  load('naive hot 64', 'naive', 'hot'),
  load('rowlock zipf 64', 'rowlock', 'zipf'),
  load('naive zipf 64', 'naive', 'zipf'),
  load('rowlock uniform 64', 'rowlock', 'uniform'),
  load('naive uniform 64', 'naive', 'uniform'),
  load('echo 64', 'echo', 'hot'),
  load('rowlock hot 256', 'rowlock', 'hot', 256, side),
  load('naive hot 256', 'naive', 'hot', 256, side),
  load('rowlock zipf 256', 'rowlock', 'zipf', 256, side),
  load('naive zipf 256', 'naive', 'zipf', 256, side),
  load('rowlock uniform 256', 'rowlock', 'uniform', 256, side),
  load('naive uniform 256', 'naive', 'uniform', 256, side),
  load('two processes hot 64', 'rowlock, two processes', 'hot', 64, side),
  load('four processes hot 64', 'rowlock, four processes', 'hot', 64, side),
  load('two instances hot 64', 'rowlock, two instances', 'hot', 64, side),
  load('rowlock hot 64 by wrk', 'rowlock', 'hot', 64, { client: 'wrk', isSide: true }),
  load('naive hot 64 by wrk', 'naive', 'hot', 64, { client: 'wrk', isSide: true }),
  load('rowlock hot 64 delayed', 'rowlock', 'hot', 64, delayed),
  load('naive hot 64 delayed', 'naive', 'hot', 64, delayed),
  load('rowlock uniform 64 delayed', 'rowlock', 'uniform', 64, delayed),
  load('naive uniform 64 delayed', 'naive, 48 connections', 'uniform', 64, delayed),
  load('naive of 16 uniform 64 delayed', 'naive', 'uniform', 64, delayed),
  load('naive of 48 hot 64 delayed', 'naive, 48 connections', 'hot', 64, delayed),
  load('two processes hot 64 delayed', 'rowlock, two processes', 'hot', 64, delayed),
  load('four processes hot 64 delayed', 'rowlock, four processes', 'hot', 64, delayed),
  load('two instances hot 64 delayed', 'rowlock, two instances', 'hot', 64, delayed),
  load('rowlock hot 256 delayed', 'rowlock', 'hot', 256, delayed),
  load('naive hot 256 delayed', 'naive', 'hot', 256, delayed),
  load('rowlock hot 64 slow commit', 'rowlock', 'hot', 64, slowCommit),
  load('naive hot 64 slow commit', 'naive', 'hot', 64, slowCommit),
  load('rowlock uniform 64 slow commit', 'rowlock', 'uniform', 64, slowCommit),
  load('naive uniform 64 slow commit', 'naive, 48 connections', 'uniform', 64, slowCommit),
  load('errors logged only hot 64', 'rowlock, errors logged only', 'hot', 64, side),
  load('fresh shop hot 64', 'rowlock', 'hot', 64, { shop: 'fresh', isSide: true }),
  load('preloaded shop hot 64', 'rowlock', 'hot', 64, { shop: 'preloaded', isSide: true }),
  load('popular 64', 'rowlock', 'popular', 64, side),
  load('popular from Redis 64', 'popular from Redis', 'popular', 64, side),
  load('popular by Express 64', 'popular by Express', 'popular', 64, side),
  load('log in 1', 'rowlock', 'log-in', 1, side),
  load('log in 4', 'rowlock', 'log-in', 4, side),
  load('rowlock hot 64 beside log-ins', 'rowlock', 'hot', 64, { logInsBeside: 4, isSide: true }),
  { kind: 'relay', name: 'relay', queue: 'stub', isSide: true },
  { kind: 'relay', name: 'relay to the emulator', queue: 'emulator', isSide: true },
  // Half of what the publisher puts into a message at 2,500 orders/s.
  { kind: 'counting', name: 'count batches', eventsPerMessage: 64, isSide: true },
  { kind: 'counting', name: 'count single events', eventsPerMessage: 1, isSide: true },
  { kind: 'events', name: 'send to SQS', transport: 'sqs', direction: 'send', isSide: true },
  { kind: 'events', name: 'send to Kafka', transport: 'kafka', direction: 'send', isSide: true },
  { kind: 'events', name: 'receive from SQS', transport: 'sqs', direction: 'receive', isSide: true },
  { kind: 'events', name: 'receive from Kafka', transport: 'kafka', direction: 'receive', isSide: true },
  load('rowlock hot 64 on MySQL', 'rowlock', 'hot', 64, { shop: 'mysql', isSide: true }),
  load('naive hot 64 on MySQL', 'naive', 'hot', 64, { shop: 'mysql', isSide: true }),
  load('rowlock uniform 64 on MySQL', 'rowlock', 'uniform', 64, { shop: 'mysql', isSide: true }),
  load('naive uniform 64 on MySQL', 'naive', 'uniform', 64, { shop: 'mysql', isSide: true }),
];

export interface BenchPlan {
  readonly rows: readonly RowDefinition[];
  readonly cells: readonly Cell[];
}

/** Rows that a quick run omits: slow set-up, or no target. */
const fullOnly = new RegExp(
  'MySQL|preloaded|fresh|(hot|zipf) 256|emulator|Kafka|slow commit|four|instances|of (16|48)|wrk|' +
    '(uniform|processes).* delayed',
);

/** Returns the rows that match the pattern and the measurements that they need. */
export function planBench(mode: BenchSettings['mode'], only: RegExp | undefined): BenchPlan {
  const isWanted = (row: RowDefinition) =>
    (only === undefined || only.test(row.title)) &&
    (mode === 'full' || only !== undefined || !row.cells.some((name) => fullOnly.test(name)));
  const rows = rowValues.filter(isWanted);
  const needed = new Set(rows.flatMap(({ cells }) => cells));
  return { rows, cells: allCells.filter(({ name }) => needed.has(name)) };
}

/** Returns the measurements of a round, rotated by round, so that no cell always follows the same load. */
export function cellsOfRound(
  cells: readonly Cell[],
  round: number,
  settings: BenchSettings,
): readonly Cell[] {
  const own = cells.filter(({ isSide }) => settings.mode === 'full' || round === 0 || !isSide);
  const first = Math.round((round * own.length) / settings.rounds) % Math.max(1, own.length);
  return [...own.slice(first), ...own.slice(0, first)];
}
