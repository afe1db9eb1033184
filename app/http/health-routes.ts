import { z } from 'zod';
import { problem } from './problem.ts';
import { defineRoute, type Route } from './route.ts';

export interface HealthDependencies {
  /** Booted, migrated and not draining. */
  readonly isReady: () => boolean;
  /** Each dependency's check; it rejects when the dependency does not answer in time. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly nowMs: () => number;
}

/**
 * Three questions with three answers. `/healthz`: does the event loop turn? `/readyz`: may the load balancer
 * send requests here? Neither looks at a dependency, because a dead database must not make the balancer
 * replace the whole fleet. `/status`: what of the surroundings answers?
 */
export function healthRoutes({ isReady, checks, nowMs }: HealthDependencies): Route[] {
  const healthRoute = defineRoute({
    method: 'get',
    path: '/healthz',
    tag: 'Health',
    summary: 'The process is alive.',
    access: 'anyone',
    schema: {},
    replies: { 200: z.object({ status: z.literal('alive') }) },
    handle: async () => ({ status: 200, body: { status: 'alive' } }),
  });

  const readyRoute = defineRoute({
    method: 'get',
    path: '/readyz',
    tag: 'Health',
    summary: 'The process takes requests: booted, migrated, not draining.',
    access: 'anyone',
    schema: {},
    replies: { 200: z.object({ status: z.literal('ready') }) },
    problems: ['dependency_unavailable'],
    handle: async () =>
      isReady()
        ? { status: 200, body: { status: 'ready' } }
        : problem('dependency_unavailable', { detail: 'Starting or stopping.' }),
  });

  const statusRoute = defineRoute({
    method: 'get',
    path: '/status',
    tag: 'Health',
    summary: 'Each dependency and whether it answers. Always 200: it reports, it does not decide.',
    access: 'anyone',
    schema: {},
    replies: {
      200: z.object({
        status: z.enum(['up', 'degraded']),
        dependencies: z.record(
          z.string(),
          z.object({ status: z.enum(['up', 'down']), durationMs: z.number() }),
        ),
      }),
    },
    handle: async () => {
      const dependencies = Object.fromEntries(
        await Promise.all(
          Object.entries(checks).map(async ([name, check]) => {
            const startMs = nowMs();
            const status = await check().then(
              () => 'up' as const,
              () => 'down' as const,
            );
            return [name, { status, durationMs: nowMs() - startMs }] as const;
          }),
        ),
      );
      const isUp = Object.values(dependencies).every(({ status }) => status === 'up');
      return { status: 200, body: { status: isUp ? 'up' : 'degraded', dependencies } };
    },
  });

  return [healthRoute, readyRoute, statusRoute];
}
