import type { Log } from './log.ts';

/**
 * What nobody has caught is logged as everything else is, without its secrets, and ends the process with 1. Node's own
 * report shows every field of an error: the URL of a database with its password, the arguments of a command to Redis.
 */
export function logCrashes(log: Log): void {
  // Also for a promise that was rejected and that nobody waited for.
  process.on('uncaughtException', (error) => {
    log.error('crashed', { error });
    process.exit(1);
  });
}
