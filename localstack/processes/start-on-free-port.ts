import { setTimeout as delay } from 'node:timers/promises';
import type { ChildServer } from './child-server.ts';
import { freePort } from './free-port.ts';

export interface PortServer {
  /** Names the server in errors. */
  readonly name: string;
  /** Used if free. */
  readonly preferredPort: number | undefined;
  readonly start: (port: number) => Promise<ChildServer>;
  /** Must be false while another process responds on the port. */
  readonly isReady: (port: number, child: ChildServer) => Promise<boolean>;
  readonly timeoutMs: number;
  readonly pollMs: number;
}

const ATTEMPTS = 5;
/** What MySQL, MariaDB, Redis, Valkey, Node and LocalStack say of a port that is taken. */
const portTaken = /already in use|Address in use|Can't start server: Bind|EADDRINUSE|CannotListenError/i;

/**
 * Starts a server on a free loopback port and resolves once it responds. A port may be lost between the
 * search and the start: then tries another one. Throws with the server's last output.
 */
export async function startOnFreePort(server: PortServer): Promise<{ child: ChildServer; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? server.preferredPort : undefined);
    const child = await server.start(port);
    const failure = await readiness(server, child, port);
    if (failure === undefined) return { child, port };
    await child.stop();
    if (!portTaken.test(failure) || attempt === ATTEMPTS) {
      throw new Error(`${server.name} did not start: ${failure}`);
    }
  }
}

/** Undefined once the server responds on the port; else the reason why it will not. */
async function readiness(
  { isReady, timeoutMs, pollMs }: PortServer,
  child: ChildServer,
  port: number,
): Promise<string | undefined> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const reason = child.exitReason();
    if (reason !== undefined) return `${reason}\n${await child.logTail()}`;
    if (await isReady(port, child)) return undefined;
    await delay(pollMs);
  }
  return `it did not answer within ${timeoutMs / 1000} s\n${await child.logTail()}`;
}
