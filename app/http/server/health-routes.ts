import { z } from 'zod';
import { problem } from '../contract/problem.ts';
import { defineRoute, type Route } from '../contract/route.ts';
import type { CheckDependencies } from './check-dependencies.ts';

export interface HealthDependencies {
  /** Booted, migrated and not draining. */
  readonly isReady: () => boolean;
  readonly checkDependencies: CheckDependencies;
}

/**
 * `/healthz`: does the event loop run? `/readyz`: may the load balancer send requests here? Neither checks a
 * dependency, because a dead database must not make the balancer replace the whole fleet. `/status`: does
 * every dependency work, writes included? For monitors and for people: with one down the shop may go on, with
 * less of what it offers, or with events that wait in the outbox.
 */
export function healthRoutes({ isReady, checkDependencies }: HealthDependencies): Route[] {
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
      const dependencies = await checkDependencies();
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
