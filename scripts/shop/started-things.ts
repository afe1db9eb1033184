import { reasonOf } from '../../localstack/processes/reason-of.ts';

export interface StartedThing {
  readonly name: string;
  /** Lower steps stop before higher ones. */
  readonly stopStep: 'api' | 'background' | 'servers';
  readonly stop: () => Promise<void>;
}

export interface StartedThings {
  readonly add: (thing: StartedThing) => Promise<void>;
  /** Stops everything once, step by step. Later calls wait for the same stop. */
  readonly stopAll: (log: (line: string) => void) => Promise<void>;
  readonly isStopping: () => boolean;
}

const steps = ['api', 'background', 'servers'] as const;

/**
 * Tracks what this process started and stops exactly that: the API first, the servers that hold the data
 * last.
 */
export function startedThings(): StartedThings {
  const things: StartedThing[] = [];
  let stopping: Promise<void> | undefined;

  async function stopSteps(log: (line: string) => void): Promise<void> {
    for (const step of steps) {
      const members = things.filter((thing) => thing.stopStep === step);
      if (members.length === 0) continue;
      log(`stopping ${members.map((thing) => thing.name).join(', ')}`);
      const results = await Promise.allSettled(members.map((thing) => thing.stop()));
      for (const result of results) if (result.status === 'rejected') log(reasonOf(result.reason));
    }
  }

  return {
    async add(thing) {
      // Stop at once what came up after stopping began.
      if (stopping === undefined) things.push(thing);
      else await thing.stop();
    },
    stopAll(log) {
      stopping ??= stopSteps(log);
      return stopping;
    },
    isStopping: () => stopping !== undefined,
  };
}
