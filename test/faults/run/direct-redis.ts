import { Redis } from 'ioredis';
import { onCleanup } from '../../support/cleanup.ts';
import type { FaultServer } from './fault-servers.ts';

const TIMEOUT_MS = 1000;

/**
 * The runner's own access to the run's Redis, bypassing all proxies. Commands fail while the server is
 * unavailable.
 */
export function directRedis(server: Pick<FaultServer, 'url'>): () => Redis {
  let client: Redis | undefined;
  let clientUrl = '';
  onCleanup(() => client?.disconnect());
  return () => {
    if (client === undefined || clientUrl !== server.url) {
      client?.disconnect();
      clientUrl = server.url;
      client = new Redis(clientUrl, {
        commandTimeout: TIMEOUT_MS,
        connectTimeout: TIMEOUT_MS,
        maxRetriesPerRequest: 1,
        retryStrategy: () => 50,
      });
      client.on('error', () => undefined);
    }
    return client;
  };
}
