import { z } from 'zod';
import type { Log } from '../../platform/observe/log.ts';
import { failureReason, OperationalError } from '../../platform/operational-error.ts';
import { timeSchema } from './schemas.ts';

/** A part of a reply that comes from one dependency, with the time that it describes. */
export interface Section<T> {
  readonly at: string;
  /** Null if it could not be read; never zeros in its place. */
  readonly value: T | null;
  /** The dependency that did not respond. */
  readonly unavailable: string | null;
}

export function sectionSchema<Value extends z.ZodType>(value: Value, title: string) {
  return z
    .object({
      at: timeSchema.meta({ description: 'The time that the value describes.' }),
      value: value.nullable(),
      unavailable: z
        .string()
        .nullable()
        .meta({ description: 'Without a value: the dependency that did not respond.' }),
    })
    .meta({ title });
}

/** Reads a section; a failure of the dependency makes it unavailable. Never rejects. */
export async function readSection<T>(
  dependency: string,
  { nowMs, log }: { readonly nowMs: () => number; readonly log: Log },
  read: () => Promise<{ readonly value: T; readonly atMs?: number }>,
): Promise<Section<T>> {
  try {
    const { value, atMs = nowMs() } = await read();
    return { at: new Date(atMs).toISOString(), value, unavailable: null };
  } catch (error) {
    const reason = error instanceof OperationalError ? failureReason(error) : String(error);
    log.warn('section_unavailable', { dependency, reason });
    return { at: new Date(nowMs()).toISOString(), value: null, unavailable: dependency };
  }
}

export interface Kept<T> {
  read(): Promise<T>;
  /** Makes the next call of `read` ask again. */
  forget(): void;
}

/**
 * Keeps what `read` returned for `ttlMs`, and lets concurrent callers share one run. `read` never rejects.
 */
export function keepFor<T>(ttlMs: number, steadyMs: () => number, read: () => Promise<T>): Kept<T> {
  let kept: { readonly result: Promise<T>; readonly untilMs: number } | undefined;
  return {
    read: () => {
      if (kept === undefined || kept.untilMs <= steadyMs()) {
        kept = { result: read(), untilMs: steadyMs() + ttlMs };
      }
      return kept.result;
    },
    forget: () => {
      kept = undefined;
    },
  };
}
