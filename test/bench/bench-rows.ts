import type { CellResult } from './cell-result.ts';

/** One line of the table: a ratio of two measurements of the same round. */
export interface RowDefinition {
  readonly title: string;
  /** Label in the first part of the chart; undefined keeps the row out of it. */
  readonly story?: string;
  /** Minimum that the ratio should reach; undefined without a target. */
  readonly target: number | undefined;
  /** Names of the two measurements, the dividend first. */
  readonly cells: readonly [string, string];
  /** Value to divide; undefined if this machine cannot measure it. */
  readonly of: (result: CellResult) => number | undefined;
}

const rate = ({ ratePerS }: CellResult) => ratePerS;
const p99 = ({ latencyMs }: CellResult) => latencyMs?.p99;
/** CPU time of application and database together. */
const cpu = ({ cpuUs }: CellResult) => (cpuUs === undefined ? undefined : cpuUs.application + cpuUs.database);

/** Rows of the table. Every ratio is defined so that larger is better. */
export const rowValues: readonly RowDefinition[] = [
  {
    title: 'hot product, orders/s ÷ naive, 64 connections',
    story: 'hot product, all on this machine',
    target: 15,
    cells: ['rowlock hot 64', 'naive hot 64'],
    of: rate,
  },
  {
    title: 'hot product, orders/s ÷ naive, 256 connections',
    target: 20,
    cells: ['rowlock hot 256', 'naive hot 256'],
    of: rate,
  },
  {
    title: 'Zipf, orders/s ÷ naive, 64 connections',
    target: 8,
    cells: ['rowlock zipf 64', 'naive zipf 64'],
    of: rate,
  },
  {
    title: 'Zipf, orders/s ÷ naive, 256 connections',
    target: undefined,
    cells: ['rowlock zipf 256', 'naive zipf 256'],
    of: rate,
  },
  {
    title: 'uniform, orders/s ÷ naive, 64 connections',
    story: '1,000 products, all on this machine',
    target: 7,
    cells: ['rowlock uniform 64', 'naive uniform 64'],
    of: rate,
  },
  {
    title: 'uniform, orders/s ÷ naive, 256 connections',
    target: 10,
    cells: ['rowlock uniform 256', 'naive uniform 256'],
    of: rate,
  },
  {
    title: 'hot product, orders/s ÷ Express JSON echo',
    target: 0.6,
    cells: ['rowlock hot 64', 'echo 64'],
    of: rate,
  },
  {
    title: 'CPU of an order, naive ÷ Rowlock, uniform',
    target: 7,
    cells: ['naive uniform 64', 'rowlock uniform 64'],
    of: cpu,
  },
  {
    title: 'CPU of an order, naive ÷ Rowlock, hot product',
    target: 14,
    cells: ['naive hot 64', 'rowlock hot 64'],
    of: cpu,
  },
  {
    title: 'p99, naive ÷ Rowlock, hot product',
    target: 6,
    cells: ['naive hot 64', 'rowlock hot 64'],
    of: p99,
  },
  {
    title: 'hot product, two processes ÷ one',
    target: 1,
    cells: ['two processes hot 64', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'hot product, four processes ÷ one',
    target: 1,
    cells: ['four processes hot 64', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'hot product, two instances ÷ one',
    target: 1,
    cells: ['two instances hot 64', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'by wrk: hot product, orders/s ÷ naive, 64 connections',
    target: undefined,
    cells: ['rowlock hot 64 by wrk', 'naive hot 64 by wrk'],
    of: rate,
  },
  {
    title: 'hot product, orders/s by wrk ÷ by the own client',
    target: undefined,
    cells: ['rowlock hot 64 by wrk', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'network as on AWS: hot product, orders/s ÷ naive, 64 connections',
    story: 'hot product, network as on AWS',
    target: 35,
    cells: ['rowlock hot 64 delayed', 'naive hot 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: hot product, orders/s ÷ naive, 256 connections',
    story: '… with 256 connections',
    target: 70,
    cells: ['rowlock hot 256 delayed', 'naive hot 256 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: uniform, orders/s ÷ naive, 64 connections',
    story: '1,000 products, network as on AWS',
    target: undefined,
    cells: ['rowlock uniform 64 delayed', 'naive uniform 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: p99, naive ÷ Rowlock, hot product',
    target: undefined,
    cells: ['naive hot 64 delayed', 'rowlock hot 64 delayed'],
    of: p99,
  },
  {
    title: 'network as on AWS: naive server, 48 connections ÷ 16, hot product',
    target: undefined,
    cells: ['naive of 48 hot 64 delayed', 'naive hot 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: naive server, 48 connections ÷ 16, uniform',
    target: undefined,
    cells: ['naive uniform 64 delayed', 'naive of 16 uniform 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: hot product, two processes ÷ one',
    target: 1,
    cells: ['two processes hot 64 delayed', 'rowlock hot 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: hot product, four processes ÷ one',
    target: 1,
    cells: ['four processes hot 64 delayed', 'rowlock hot 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS: hot product, two instances ÷ one',
    target: 1,
    cells: ['two instances hot 64 delayed', 'rowlock hot 64 delayed'],
    of: rate,
  },
  {
    title: 'network as on AWS, commits of 3 ms: hot product, orders/s ÷ naive, 64 connections',
    story: 'hot product, commits of 3 ms too',
    target: undefined,
    cells: ['rowlock hot 64 slow commit', 'naive hot 64 slow commit'],
    of: rate,
  },
  {
    title: 'network as on AWS, commits of 3 ms: uniform, orders/s ÷ naive, 64 connections',
    story: '1,000 products, commits of 3 ms too',
    target: undefined,
    cells: ['rowlock uniform 64 slow commit', 'naive uniform 64 slow commit'],
    of: rate,
  },
  {
    title: 'uniform ÷ hot product, orders/s, 64 connections',
    target: 1,
    cells: ['rowlock uniform 64', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'hot product, one million orders preloaded ÷ none',
    target: 0.9,
    cells: ['preloaded shop hot 64', 'fresh shop hot 64'],
    of: rate,
  },
  {
    title: 'popular products, copy in the process ÷ Redis read a request in Express',
    target: 1.8,
    cells: ['popular 64', 'popular by Express 64'],
    of: rate,
  },
  {
    title: 'popular products, copy in the process ÷ Redis read a request behind the same front',
    target: 1.8,
    cells: ['popular 64', 'popular from Redis 64'],
    of: rate,
  },
  {
    title: 'hot product, logging on ÷ off',
    target: 0.85,
    cells: ['rowlock hot 64', 'errors logged only hot 64'],
    of: rate,
  },
  {
    title: 'log-ins/s, four connections ÷ one',
    target: undefined,
    cells: ['log in 4', 'log in 1'],
    of: rate,
  },
  {
    title: 'log-ins/s, beside orders ÷ alone',
    target: undefined,
    cells: ['rowlock hot 64 beside log-ins', 'log in 4'],
    of: ({ logInsPerS, ratePerS }) => logInsPerS ?? ratePerS,
  },
  {
    title: 'p99 of orders, alone ÷ beside log-ins',
    target: undefined,
    cells: ['rowlock hot 64', 'rowlock hot 64 beside log-ins'],
    of: p99,
  },
  {
    title: 'relay drain rate ÷ order rate (hot product)',
    target: 2,
    cells: ['relay', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'relay drain rate to the emulator ÷ order rate (hot product)',
    target: undefined,
    cells: ['relay to the emulator', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'counting ÷ orders (hot product), 10 ms per queue call',
    target: 2,
    cells: ['count batches', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'counting one event per message ÷ orders (hot product), 10 ms per queue call',
    target: undefined,
    cells: ['count single events', 'rowlock hot 64'],
    of: rate,
  },
  {
    title: 'events sent/s by one process, Kafka ÷ SQS',
    target: undefined,
    cells: ['send to Kafka', 'send to SQS'],
    of: rate,
  },
  {
    title: 'CPU of sending an event, SQS ÷ Kafka',
    target: undefined,
    cells: ['send to SQS', 'send to Kafka'],
    of: ({ cpuUs }) => cpuUs?.application,
  },
  {
    title: 'events received/s by one process, Kafka ÷ SQS',
    target: undefined,
    cells: ['receive from Kafka', 'receive from SQS'],
    of: rate,
  },
  {
    title: 'CPU of receiving an event, SQS ÷ Kafka',
    target: undefined,
    cells: ['receive from SQS', 'receive from Kafka'],
    of: ({ cpuUs }) => cpuUs?.application,
  },
  {
    title: 'MySQL: hot product, orders/s ÷ naive, 64 connections',
    target: 15,
    cells: ['rowlock hot 64 on MySQL', 'naive hot 64 on MySQL'],
    of: rate,
  },
  {
    title: 'MySQL: uniform, orders/s ÷ naive, 64 connections',
    target: 7,
    cells: ['rowlock uniform 64 on MySQL', 'naive uniform 64 on MySQL'],
    of: rate,
  },
];
