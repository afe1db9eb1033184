import { latencyHistogram, type LatencyHistogram } from './latency-histogram.ts';
import type { LoadResult } from './load-job.ts';

/** Counts the responses of a run. */
export interface LoadTally {
  answer(status: number, bytes: Buffer, latencyMs: number, nowMs: number): void;
  connectionEnd(reason: string, wasBusy: boolean): void;
  unsent(): void;
  lost(requests: number): void;
  beginMeasuring(nowMs: number): void;
  endMeasuring(nowMs: number): void;
  result(): LoadResult;
}

const STATUS_MAX = 600;
const SAMPLES_MAX = 5;
const SAMPLE_CHARACTERS = 2000;

export function loadTally(startMs: number): LoadTally {
  const totals = new Uint32Array(STATUS_MAX);
  const seconds: Uint32Array[] = [];
  const histograms = new Map<number, LatencyHistogram>();
  const connectionErrors: Record<string, number> = {};
  const retryAfter: Record<string, number> = {};
  const samples: string[] = [];
  let isMeasuring = false;
  let measureStartMs = 0;
  let measuredMs = 0;
  let cpu: NodeJS.CpuUsage | undefined;
  let unanswered = 0;
  let unsent = 0;

  const histogramOf = (status: number): LatencyHistogram => {
    const known = histograms.get(status);
    if (known !== undefined) return known;
    const made = latencyHistogram();
    histograms.set(status, made);
    return made;
  };
  const lookAtOther = (bytes: Buffer): void => {
    const text = bytes.toString('latin1');
    const seconds = /\r\nRetry-After: ([^\r]+)/i.exec(text)?.[1];
    if (seconds !== undefined) retryAfter[seconds] = (retryAfter[seconds] ?? 0) + 1;
    if (samples.length < SAMPLES_MAX) samples.push(text.slice(0, SAMPLE_CHARACTERS));
  };

  return {
    answer(status, bytes, latencyMs, nowMs) {
      totals[status] = (totals[status] ?? 0) + 1;
      const second = Math.max(0, Math.floor((nowMs - startMs) / 1000));
      while (seconds.length <= second) seconds.push(new Uint32Array(STATUS_MAX));
      const counts = seconds[second] as Uint32Array;
      counts[status] = (counts[status] ?? 0) + 1;
      if (isMeasuring) histogramOf(status).record(latencyMs * 1000);
      if (status !== 200) lookAtOther(bytes);
    },
    connectionEnd(reason, wasBusy) {
      connectionErrors[reason] = (connectionErrors[reason] ?? 0) + 1;
      if (wasBusy) unanswered += 1;
    },
    unsent() {
      unsent += 1;
    },
    lost(requests) {
      unanswered += requests;
    },
    beginMeasuring(nowMs) {
      isMeasuring = true;
      measureStartMs = nowMs;
      cpu = process.cpuUsage();
    },
    endMeasuring(nowMs) {
      if (!isMeasuring) return;
      isMeasuring = false;
      measuredMs = nowMs - measureStartMs;
      cpu = process.cpuUsage(cpu);
    },
    result() {
      const measured = [...histograms.values()].reduce((sum, { count }) => sum + count, 0);
      return {
        measuredMs,
        byStatus: Object.fromEntries(
          [...histograms].map(([status, histogram]) => [
            String(status),
            { count: histogram.count, latencies: histogram.buckets() },
          ]),
        ),
        totals: nonZero(totals),
        perSecond: seconds.map(nonZero),
        unanswered,
        unsent,
        connectionErrors,
        retryAfter,
        samples,
        ownCpuUs: ((cpu?.user ?? 0) + (cpu?.system ?? 0)) / Math.max(1, measured),
      };
    },
  };
}

function nonZero(counts: Uint32Array): Record<string, number> {
  return Object.fromEntries([...counts.entries()].filter(([, count]) => count > 0));
}
