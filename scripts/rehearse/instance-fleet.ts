import type { Target } from './balancer.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import { type Instance, migrateDatabase, startConsumer, startInstance } from './instance.ts';
import type { Release } from './release.ts';
import { within } from './within.ts';

const INSTANCES = 2;
const HEALTHY_TIMEOUT_MS = 60_000;

interface Running {
  readonly instance: Instance;
  readonly target: Target;
}

/**
 * Two instances, rolled as Auto Scaling does with the settings of the stacks: migrations first, then a new
 * instance starts, an old one leaves the balancer, answers its open requests and receives SIGTERM.
 */
export function openInstanceFleet({ balancer, env, dir, log }: FleetOptions): Fleet {
  const served: { release: string; targets: Target[] }[] = [];
  const running: Running[] = [];
  let consumer: { stop(): Promise<void> } | undefined;
  let launched = 0;

  const launch = async (release: Release): Promise<void> => {
    launched += 1;
    const name = `instance-${launched}`;
    const instance = await startInstance({ release, env, dir, name });
    const target = balancer.register(instance.url);
    running.push({ instance, target });
    served.at(-1)?.targets.push(target);
    await within(`${name} is healthy`, () => target.isHealthy(), HEALTHY_TIMEOUT_MS);
    log(`${name} serves ${release.name}`);
  };
  const leave = async ({ instance, target }: Running): Promise<void> => {
    await balancer.deregister(target);
    await instance.stop();
    log(`an instance of ${instance.release.name} has left, ${target.served()} requests`);
  };

  return {
    async rollTo(release: Release): Promise<void> {
      served.push({ release: release.name, targets: [] });
      const old = [...running];
      // As in the stacks: once per release, while every instance still runs the previous one.
      await migrateDatabase({ release, env, dir, name: `release-${served.length}` });
      for (let count = 0; count < INSTANCES; count += 1) {
        await launch(release);
        const leaving = old.shift();
        if (leaving === undefined) continue;
        running.splice(running.indexOf(leaving), 1);
        await leave(leaving);
      }
      const before = consumer;
      consumer = await startConsumer({ release, env, dir, name: `consumer-${launched}` });
      await before?.stop();
    },
    served: () =>
      served.map(({ release, targets }) => ({
        release,
        requests: targets.reduce((sum, target) => sum + target.served(), 0),
      })),
    /** Throws when a process does not stop in order. */
    async close(): Promise<void> {
      const ends = running.splice(0).map(({ instance }) => instance.stop());
      if (consumer !== undefined) ends.push(consumer.stop());
      consumer = undefined;
      await Promise.all(ends);
    },
  };
}
