import { pause } from '../../../app/platform/load/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { HistoryWriter } from '../history/write-history.ts';
import type { Breakable, Fault, FaultWorld } from './fault.ts';
import type { ScheduledFault } from './schedule.ts';

/** Executes a schedule; resolves when all of it is over. Complains of faults that it could not execute. */
export async function runSchedule(
  world: FaultWorld,
  schedule: readonly ScheduledFault[],
  { faults, history, nowMs }: { faults: readonly Fault[]; history: HistoryWriter; nowMs: () => number },
): Promise<void> {
  const never = new AbortController().signal;
  const startMs = nowMs();
  const turns = breakableTurns();

  const carryOut = async (scheduled: ScheduledFault): Promise<void> => {
    const { name } = scheduled;
    const fault = faults.find((each) => each.name === name);
    if (fault === undefined) throw new Error(`there is no fault ${name}`);
    await pause(Math.max(0, startMs + scheduled.atMs - nowMs()), never);
    // A repair sometimes takes longer than planned, and the next fault must wait for it.
    const giveBack = await turns(fault.touches);
    try {
      history.write({ type: 'fault', atMs: nowMs(), name, phase: 'begin' });
      const begun = await fault.begin(world, seededRandom(scheduled.seed));
      await pause(scheduled.lastsMs, never);
      await begun.end();
      history.write({ type: 'fault', atMs: nowMs(), name, phase: 'end', detail: begun.detail });
    } catch (error) {
      world.complain(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      giveBack();
    }
  };
  await Promise.all(schedule.map(carryOut));
}

/**
 * Exclusive use of things. A fault that needs several waits until all are free at once, so it never waits for
 * another waiting fault.
 */
function breakableTurns(): (things: readonly Breakable[]) => Promise<() => void> {
  const taken = new Set<Breakable>();
  let waiting: { things: readonly Breakable[]; go: () => void }[] = [];
  const admit = (): void => {
    for (const each of waiting.slice()) {
      if (each.things.some((thing) => taken.has(thing))) continue;
      for (const thing of each.things) taken.add(thing);
      waiting = waiting.filter((other) => other !== each);
      each.go();
    }
  };
  return async (things) => {
    await new Promise<void>((resolve) => {
      waiting.push({ things, go: resolve });
      admit();
    });
    return () => {
      for (const thing of things) taken.delete(thing);
      admit();
    };
  };
}
