import type { Verdict } from '../../../support/servers/proxy-links.ts';
import type { Fault, FaultWorld } from '../fault.ts';
import type { ProcessName } from '../fault-links.ts';

/** Longest wait for the chosen moment; after it the fault happens anyway. */
const MOMENT_TIMEOUT_MS = 800;

const moments = ['at any time', 'before COMMIT', 'during COMMIT', 'after COMMIT'] as const;

type Moment = (typeof moments)[number];

const verdicts: Readonly<Record<Exclude<Moment, 'at any time'>, Verdict>> = {
  'before COMMIT': 'cut',
  'during COMMIT': 'forward-and-cut',
  // The server has committed, but the process never gets the answer.
  'after COMMIT': 'forward-then-cut',
};

function killed(name: ProcessName): Fault {
  return {
    name: `kill-${name.replace(/-\d$/, '')}`,
    about: `SIGKILL of ${name}, also around a COMMIT of its own`,
    touches: [name],
    lastsMs: [100, 1200],
    begin: async (world, draw) => {
      const moment = moments[Math.floor(draw() * moments.length)] as Moment;
      await atMoment(world, name, moment);
      await world.fleet[name].kill();
      return { detail: { process: name, moment }, end: () => world.fleet[name].start() };
    },
  };
}

/** Resolves at the moment; the COMMIT is handled as `moment` says. */
async function atMoment(world: FaultWorld, name: ProcessName, moment: Moment): Promise<void> {
  if (moment === 'at any time') return;
  const link = world.links.of(name, 'mysql');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, MOMENT_TIMEOUT_MS);
    link.watchClient((bytes) => {
      if (!isCommit(bytes)) return 'forward';
      link.watchClient(undefined);
      clearTimeout(timer);
      resolve();
      return verdicts[moment];
    });
  });
  link.watchClient(undefined);
}

/** The text of a statement is the end of its packet, and a COMMIT is the last statement of its packet. */
export function isCommit(bytes: Buffer): boolean {
  return bytes.subarray(-6).toString('latin1') === 'COMMIT';
}

function frozen(name: ProcessName, lastsMaxMs: number): Fault {
  return {
    name: `freeze-${name.replace(/-\d$/, '')}`,
    about: `SIGSTOP of ${name}, at any time or in the middle of a transaction`,
    touches: [name],
    lastsMs: [400, lastsMaxMs],
    begin: async (world, draw) => {
      const moment = draw() < 0.5 ? 'at any time' : 'in a transaction';
      if (moment === 'in a transaction') await inTransaction(world, name);
      world.fleet[name].freeze();
      return { detail: { process: name, moment }, end: async () => world.fleet[name].thaw() };
    },
  };
}

/** Resolves when a statement other than COMMIT is on its way: the answer arrives at a frozen process. */
async function inTransaction(world: FaultWorld, name: ProcessName): Promise<void> {
  const link = world.links.of(name, 'mysql');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, MOMENT_TIMEOUT_MS);
    link.watchClient((bytes) => {
      if (!bytes.includes('FOR UPDATE')) return 'forward';
      clearTimeout(timer);
      resolve();
      return 'forward';
    });
  });
  link.watchClient(undefined);
}

function terminated(name: ProcessName): Fault {
  return {
    name: `terminate-${name.replace(/-\d$/, '')}`,
    about: `SIGTERM of ${name} while requests are under way: it has to drain and end with 0`,
    // Draining needs the servers that the process works with.
    touches: [name, 'mysql', 'redis', 'aws'],
    lastsMs: [50, 600],
    begin: async (world) => {
      await world.fleet[name].stop();
      return { detail: { process: name }, end: () => world.fleet[name].start() };
    },
  };
}

const TWO_HOURS_MS = 2 * 60 * 60 * 1000;

function offClock(name: ProcessName): Fault {
  return {
    name: `clock-${name.replace(/-\d$/, '')}`,
    about: `the clock of ${name} jumps two hours forward or back, and back again`,
    touches: [name],
    lastsMs: [1000, 3000],
    begin: async (world, draw) => {
      const offsetMs = draw() < 0.5 ? TWO_HOURS_MS : -TWO_HOURS_MS;
      world.fleet[name].setClock(offsetMs);
      return { detail: { process: name, offsetMs }, end: async () => world.fleet[name].setClock(0) };
    },
  };
}

export const processFaults: readonly Fault[] = [
  killed('api-1'),
  killed('worker'),
  killed('data-platform'),
  // Longer than the 5 s after which the database releases its locks.
  frozen('api-2', 6500),
  frozen('worker', 2500),
  frozen('data-platform', 2500),
  terminated('api-2'),
  terminated('worker'),
  terminated('data-platform'),
  offClock('api-1'),
  offClock('data-platform'),
];
