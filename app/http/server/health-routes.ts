import { z } from 'zod';
import { createSingleFlight } from '../../platform/load/single-flight.ts';
import { problem } from '../contract/problem.ts';
import { defineRoute, type Route } from '../contract/route.ts';

export interface HealthDependencies {
  /** Booted, migrated and not draining. */
  readonly isReady: () => boolean;
  /** Each dependency's check; rejects when the dependency does not do what the app needs of it. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly nowMs: () => number;
}

/** Slower dependencies count as down, so that the status does not wait for the slowest. */
const CHECK_TIMEOUT_MS = 2000;

/**
 * `/healthz`: does the event loop run? `/readyz`: may the load balancer send requests here? Neither checks a
 * dependency, because a dead database must not make the balancer replace the whole fleet. `/status`: does
 * every dependency work, writes included? For monitors and for people: with one down the shop may go on, with
 * less of what it offers, or with events that wait in the outbox.
 */
export function healthRoutes({ isReady, checks, nowMs }: HealthDependencies): Route[] {
  // Concurrent status requests share one check per dependency.
  const sharedChecks = Object.entries(checks).map(
    ([name, check]) => [name, createSingleFlight(check).run] as const,
  );

  const healthRoute = defineRoute({
    id: 'checkLiveness',
    method: 'get',
    path: '/healthz',
    tag: 'Health',
    summary: 'The process is alive.',
    access: 'anyone',
    rateLimit: 'none',
    schema: {},
    replies: { 200: z.object({ status: z.literal('alive') }) },
    handle: async () => ({ status: 200, body: { status: 'alive' } }),
  });

  const readyRoute = defineRoute({
    id: 'checkReadiness',
    method: 'get',
    path: '/readyz',
    tag: 'Health',
    summary: 'The process accepts requests: started, migrated, not draining.',
    access: 'anyone',
    rateLimit: 'none',
    schema: {},
    replies: { 200: z.object({ status: z.literal('ready') }) },
    problems: ['dependency_unavailable'],
    handle: async () =>
      isReady()
        ? { status: 200, body: { status: 'ready' } }
        : problem('dependency_unavailable', { detail: 'Starting or stopping.' }),
  });

  const statusRoute = defineRoute({
    id: 'readStatus',
    method: 'get',
    path: '/status',
    tag: 'Health',
    summary: 'Lists each dependency and whether it works, writes included: 503 unless all do.',
    access: 'anyone',
    rateLimit: 'status',
    schema: {},
    replies: {
      200: z.object({
        // `degraded` was sent until 0.1; clients may know it.
        status: z.enum(['up', 'degraded']),
        dependencies: z.record(
          z.string(),
          z.object({ status: z.enum(['up', 'down']), durationMs: z.number() }),
        ),
      }),
    },
    problems: ['dependency_unavailable'],
    handle: async () => {
      const dependencies = Object.fromEntries(
        await Promise.all(
          sharedChecks.map(async ([name, check]) => {
            const startMs = nowMs();
            const status = await answersInTime(check);
            return [name, { status, durationMs: nowMs() - startMs }] as const;
          }),
        ),
      );
      const down = Object.entries(dependencies).flatMap(([name, { status }]) =>
        status === 'down' ? [name] : [],
      );
      if (down.length === 0) return { status: 200, body: { status: 'up', dependencies } };
      const detail = `Down: ${down.join(', ')}.`;
      return problem('dependency_unavailable', { detail, extra: { dependencies } });
    },
  });

  return [healthRoute, readyRoute, statusRoute];
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
