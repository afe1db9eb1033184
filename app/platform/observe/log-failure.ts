import { failureReason, OperationalError } from '../operational-error.ts';
import type { Log } from './log.ts';

/**
 * Logs an error of work that continues despite it: an OperationalError as a warning with its reason, any
 * other error, which is a bug, as an error with its stack.
 */
export function logFailure(
  error: unknown,
  {
    log,
    failed,
    crashed,
    fields,
  }: { log: Log; failed: string; crashed: string; fields?: Readonly<Record<string, unknown>> },
): void {
  if (error instanceof OperationalError) log.warn(failed, { ...fields, reason: failureReason(error) });
  else log.error(crashed, { ...fields, error });
}
