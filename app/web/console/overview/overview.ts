import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { type Loaded, useLoad } from '../../shared/use-load.ts';

export type Overview = Answer<'readOverview'>;
export type Traffic = NonNullable<Overview['traffic']['value']>;
export type TrafficBucket = Traffic['buckets'][number];

/** As often as the processes report. The browser sends the ETag, so an unchanged overview costs little. */
export const OVERVIEW_EVERY_MS = 2000;
/** Results of an order that are no refusal. */
const sold = new Set(['placed', 'replayed']);

export function useOverview(): Loaded<Overview> {
  return useLoad('overview', (signal) => api.call('readOverview', { signal }), {
    everyMs: OVERVIEW_EVERY_MS,
  });
}

/** Refusals by code, most frequent first, with requests that were shed or limited before they were orders. */
export function refusalsOf(orders: Readonly<Record<string, number>>): [code: string, count: number][] {
  return Object.entries(orders)
    .filter(([code, times]) => !sold.has(code) && times > 0)
    .sort(([, one], [, other]) => other - one);
}

export interface Course {
  /** UNIX seconds. */
  readonly times: readonly number[];
  readonly placed: readonly (number | null)[];
  readonly refused: readonly (number | null)[];
  readonly failed: readonly (number | null)[];
}

/** Orders per second by bucket. A bucket that no process reported is unknown: a gap, not zero. */
export function courseOf({ buckets, bucketMs }: Traffic, untilMs: number): Course {
  const byStart = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const [first] = byStart.keys();
  const starts: number[] = [];
  for (let at = first ?? untilMs; at < untilMs; at += bucketMs) starts.push(at);
  const perS = (of: (bucket: TrafficBucket) => number) =>
    starts.map((start) => {
      const bucket = byStart.get(start);
      return bucket === undefined ? null : (of(bucket) * 1000) / bucketMs;
    });
  return {
    times: starts.map((start) => start / 1000),
    placed: perS(({ orders }) => orders['placed'] ?? 0),
    refused: perS(({ orders }) => refusalsOf(orders).reduce((sum, [, times]) => sum + times, 0)),
    failed: perS(({ serverErrors }) => serverErrors),
  };
}
