import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExtraListener } from '../../../localstack/kafka/broker-settings.ts';
import { type KafkaServer, startKafkaServer } from '../../../localstack/kafka/start-kafka-server.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { onCleanup } from '../cleanup.ts';

export type OwnKafka = KafkaServer & {
  /** SIGSTOP to every broker: connections stay open but get no answer. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
};

/** Brokers of one test, which may treat them as it must not treat the suite's. */
export async function startOwnKafka(
  options: { readonly brokerCount?: number; readonly extraListener?: ExtraListener } = {},
): Promise<OwnKafka> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rowlock-own-kafka-'));
  onCleanup(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const server = await startKafkaServer({
    ...options,
    dataDir,
    cacheDir: shopPaths.cache,
    isThrowaway: true,
    log: () => undefined,
  });
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const node of server.nodes) {
      const pid = node.pid();
      if (pid !== undefined) process.kill(pid, name);
    }
  };
  const own = { ...server, freeze: () => signal('SIGSTOP'), thaw: () => signal('SIGCONT') };
  onCleanup(async () => {
    own.thaw();
    await server.stop();
  });
  return own;
}
