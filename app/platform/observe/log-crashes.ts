import type { Log } from './log.ts';

/**
 * Logs uncaught errors as any other event, without secrets, and exits with 1. Node's own report would print
 * every field of an error: the URL of a database with its password, the arguments of a Redis command.
 */
export function logCrashes(log: Log): void {
  // Unhandled rejections arrive here too.
  process.on('uncaughtException', (error) => {
    log.error('crashed', { error });
    process.exit(1);
  });
}
