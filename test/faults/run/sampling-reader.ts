import { pause } from '../../../app/platform/load/pause.ts';
import { readSample } from '../check/read-sample.ts';
import type { HistoryWriter } from '../history/write-history.ts';
import type { DirectDatabase } from './direct-database.ts';

const EVERY_MS = 250;

/**
 * Reads the database on its own connection during a run, whatever is broken: what must add up has to add up
 * in every snapshot, and not only in the last one. While the database is unavailable there is no sample.
 * `stop` returns the number of samples.
 */
export function samplingReader(
  database: Pick<DirectDatabase, 'url'>,
  history: Pick<HistoryWriter, 'write'>,
  nowMs: () => number,
): { stop(): Promise<number> } {
  const stopping = new AbortController();
  const reading = (async () => {
    let samples = 0;
    while (!stopping.signal.aborted) {
      const fromMs = nowMs();
      try {
        const sample = await readSample(database.url);
        history.write({ type: 'sample', fromMs, atMs: nowMs(), wallMs: Date.now(), ...sample });
        samples += 1;
      } catch {
        // The database is broken at this moment.
      }
      await pause(EVERY_MS, stopping.signal);
    }
    return samples;
  })();
  return {
    stop: () => {
      stopping.abort();
      return reading;
    },
  };
}
