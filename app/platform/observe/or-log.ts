import { failureReason, OperationalError } from '../operational-error.ts';
import type { Log } from './log.ts';

export interface OrLogOptions {
  readonly log: Log;
  readonly event: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * Returns the result of `work`. After an OperationalError it logs a warning and returns `otherwise`,
 * undefined by default: for work that the caller can do without. Throws every other error.
 */
export function orLog<T>(
  work: () => Promise<T>,
  options: OrLogOptions & { readonly otherwise: T },
): Promise<T>;
export function orLog<T>(work: () => Promise<T>, options: OrLogOptions): Promise<T | undefined>;
export async function orLog<T>(
  work: () => Promise<T>,
  { log, event, fields, otherwise }: OrLogOptions & { readonly otherwise?: T },
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    log.warn(event, { ...fields, reason: failureReason(error) });
    return otherwise;
  }
}
