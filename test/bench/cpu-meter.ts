import type { CellResult } from './cell-result.ts';
import { cpuTimeMs, machineCpuTimeMs } from './cpu-time.ts';

type Part = 'application' | 'database' | 'redis' | 'queue' | 'network';

export interface CpuMeter {
  start(): void;
  stop(): void;
  /**
   * Returns the CPU time between start and stop; undefined values without /proc or for a process in a
   * container.
   */
  used(load: {
    readonly requests: number;
    /** CPU time of the load process per request. */
    readonly loadUs: number;
    readonly measuredMs: number;
  }): Pick<CellResult, 'cpuUs' | 'othersCores'>;
}

interface Reading {
  readonly parts: Readonly<Record<Part, number>>;
  readonly machine: number;
}

/** Measures the CPU time of the processes of a measurement, and of all others on the machine. */
export function cpuMeter(pids: Readonly<Record<Part, readonly (number | undefined)[]>>): CpuMeter {
  let from: Reading | undefined;
  let to: Reading | undefined;
  return {
    start() {
      from = read(pids);
    },
    stop() {
      to = read(pids);
    },
    used({ requests, loadUs, measuredMs }) {
      if (from === undefined || to === undefined || requests === 0) return {};
      const [before, after] = [from, to];
      const spentMs = (part: Part) => after.parts[part] - before.parts[part];
      const cpuUs = {
        application: (spentMs('application') * 1000) / requests,
        database: (spentMs('database') * 1000) / requests,
        redis: (spentMs('redis') * 1000) / requests,
        queue: (spentMs('queue') * 1000) / requests,
        ...(pids.network.length === 0 ? {} : { network: (spentMs('network') * 1000) / requests }),
        load: loadUs,
      };
      const ownMs = (Object.values(cpuUs).reduce((sum, us) => sum + us, 0) * requests) / 1000;
      const othersMs = after.machine - before.machine - ownMs;
      return { cpuUs, othersCores: Math.max(0, othersMs / measuredMs) };
    },
  };
}

function read(pids: Readonly<Record<Part, readonly (number | undefined)[]>>): Reading | undefined {
  const of = (part: Part): number => {
    const known = pids[part].filter((pid) => pid !== undefined);
    if (known.length === 0) return part === 'network' ? 0 : Number.NaN;
    return cpuTimeMs(known) ?? Number.NaN;
  };
  const parts = {
    application: of('application'),
    database: of('database'),
    redis: of('redis'),
    queue: of('queue'),
    network: of('network'),
  };
  const machine = machineCpuTimeMs();
  return machine === undefined || Object.values(parts).some(Number.isNaN) ? undefined : { parts, machine };
}
