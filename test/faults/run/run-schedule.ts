import { pause } from '../../../app/platform/load/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { HistoryWriter } from '../history/write-history.ts';
import type { Breakable, Fault, FaultWorld } from './fault.ts';
import type { ScheduledFault } from './schedule.ts';

/** Carries a schedule out; resolves when all of it is over. What cannot be done is complained of. */
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
    // Mending takes longer than planned now and then, and the next one has to wait for it.
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
 * Takes turns at things: whoever wants several waits until all are free at once, and so never for somebody
 * who waits.
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
