import { reasonOf } from '../../localstack/processes/reason-of.ts';

export interface StartedThing {
  readonly name: string;
  /** Things of a lower step are stopped before those of a higher one. */
  readonly stopStep: 'api' | 'background' | 'servers';
  readonly stop: () => Promise<void>;
}

export interface StartedThings {
  readonly add: (thing: StartedThing) => Promise<void>;
  /** Stops everything once, step by step; later calls wait for the same end. */
  readonly stopAll: (log: (line: string) => void) => Promise<void>;
  readonly isStopping: () => boolean;
}

const steps = ['api', 'background', 'servers'] as const;

/** Remembers what was started, so that exactly this is stopped, in order: first who takes orders, last who keeps them. */
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
      // It came up while the rest was being stopped already.
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
