import { createSingleFlight } from '../../platform/load/single-flight.ts';

/** Slower dependencies count as down, so that the status does not wait for the slowest. */
const CHECK_TIMEOUT_MS = 2000;

export interface DependencyState {
  readonly status: 'up' | 'down';
  readonly durationMs: number;
}

export type CheckDependencies = () => Promise<Record<string, DependencyState>>;

/**
 * Returns a function that says which dependencies work. Concurrent calls share one check per dependency.
 *
 * @param options.checks each dependency's check; rejects when the dependency does not do what the app needs.
 */
export function createDependencyChecks({
  checks,
  nowMs,
}: {
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly nowMs: () => number;
}): CheckDependencies {
  const sharedChecks = Object.entries(checks).map(
    ([name, check]) => [name, createSingleFlight(check).run] as const,
  );
  return async () =>
    Object.fromEntries(
      await Promise.all(
        sharedChecks.map(async ([name, check]) => {
          const startMs = nowMs();
          const status = await answersInTime(check);
          return [name, { status, durationMs: nowMs() - startMs }] as const;
        }),
      ),
    );
}

async function answersInTime(check: () => Promise<void>): Promise<'up' | 'down'> {
  const { promise: tooLate, resolve } = Promise.withResolvers<'down'>();
  const timer = setTimeout(() => resolve('down'), CHECK_TIMEOUT_MS);
  const answer = check().then(
    () => 'up' as const,
    () => 'down' as const,
  );
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
