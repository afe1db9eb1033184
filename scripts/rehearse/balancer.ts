import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createProxyServer } from 'httpxy';
import { deadlines } from '../../lib/settings/deadlines.ts';
import { healthCheck } from '../../lib/edge/health-check.ts';
import { reasonOf } from '../../localstack/processes/reason-of.ts';

export interface Target {
  readonly url: string;
  /** Number of requests sent there. */
  served(): number;
  isHealthy(): boolean;
}

export interface Balancer {
  readonly url: string;
  /** Starts health checks; the target receives requests after two successes in a row. */
  register(url: string): Target;
  /**
   * Sends the target no new request and resolves when it has answered the open ones, after 30 s at the
   * latest.
   */
  deregister(target: Target): Promise<void>;
  close(): Promise<void>;
}

interface OwnTarget extends Target {
  readonly agent: Agent;
  readonly stopping: AbortController;
  outstanding: number;
  requests: number;
  passed: number;
  failed: number;
  healthy: boolean;
}

const POLL_MS = 20;
const proxy = createProxyServer();

/**
 * Does what the load balancer of the stacks does, on one machine. Each request goes to the healthy target
 * with the fewest open ones, over kept connections that the balancer closes before the app does. It never
 * sends a request twice: a broken connection gives 502, and no healthy target gives 503.
 */
export async function openBalancer({ healthEveryMs }: { healthEveryMs: number }): Promise<Balancer> {
  const targets = new Set<OwnTarget>();
  const server = createServer((incoming, answer) => {
    const open = [...targets].filter(({ healthy }) => healthy);
    const [target] = open.toSorted((a, b) => a.outstanding - b.outstanding);
    if (target === undefined) {
      answer.writeHead(503).end('no healthy target');
      return;
    }
    forward(target, incoming, answer);
  });
  server.keepAliveTimeout = deadlines.balancerIdleS * 1000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    register(url) {
      const target: OwnTarget = {
        url,
        agent: new Agent({ keepAlive: true, timeout: deadlines.balancerIdleS * 1000 }),
        stopping: new AbortController(),
        outstanding: 0,
        requests: 0,
        passed: 0,
        failed: 0,
        healthy: false,
        served: () => target.requests,
        isHealthy: () => target.healthy,
      };
      targets.add(target);
      void watchHealth(target, healthEveryMs);
      return target;
    },
    async deregister(wanted) {
      const target = [...targets].find((own) => own === wanted);
      if (target === undefined) return;
      targets.delete(target);
      target.stopping.abort();
      const lastMs = performance.now() + deadlines.deregistrationS * 1000;
      while (target.outstanding > 0 && performance.now() < lastMs) await delay(POLL_MS);
      target.agent.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const { stopping, agent } of targets) {
          stopping.abort();
          agent.destroy();
        }
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends the request once: httpxy neither follows redirects nor retries. */
function forward(target: OwnTarget, incoming: IncomingMessage, answer: ServerResponse): void {
  target.outstanding += 1;
  target.requests += 1;
  answer.once('close', () => {
    target.outstanding -= 1;
  });
  proxy.web(incoming, answer, { target: target.url, agent: target.agent }).catch((error: unknown) => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end(`the target broke off: ${reasonOf(error)}`);
  });
}

async function watchHealth(target: OwnTarget, everyMs: number): Promise<void> {
  const { signal } = target.stopping;
  while (!signal.aborted) {
    const isPassed = await answersReady(target.url);
    target.passed = isPassed ? target.passed + 1 : 0;
    target.failed = isPassed ? 0 : target.failed + 1;
    if (target.passed >= healthCheck.healthyCount) target.healthy = true;
    if (target.failed >= healthCheck.unhealthyCount) target.healthy = false;
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const reply = await fetch(new URL(healthCheck.path, url), {
      signal: AbortSignal.timeout(healthCheck.timeoutS * 1000),
    });
    await reply.arrayBuffer();
    return reply.status === 200;
  } catch {
    return false;
  }
}
