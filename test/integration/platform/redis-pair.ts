import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { until } from '../../support/until.ts';

export interface RedisPair {
  /**
   * URL that leads to a server as a DNS name does: a new connection goes to the current target, an open one
   * stays.
   */
  readonly url: string;
  readonly proxy: FaultProxy;
  readonly primary: OwnRedis;
  readonly replica: OwnRedis;
  /** Swaps primary and replica, as a failover does. No connection breaks. */
  switchRoles(): Promise<void>;
  /** Points the name at the current primary. */
  moveName(): void;
}

/** Starts a primary and its replica, in sync. Both end with the test. */
export async function startRedisPair(): Promise<RedisPair> {
  let [primary, replica] = await Promise.all([startOwnRedis(), startOwnRedis()]);
  const proxy = await openFaultProxy(primary.url);
  const follow = (follower: OwnRedis, leader: OwnRedis) =>
    follower.client.replicaof('127.0.0.1', Number(new URL(leader.url).port));
  await follow(replica, primary);
  await until('the replica is in step', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  return {
    url: proxy.through(primary.url),
    proxy,
    get primary() {
      return primary;
    },
    get replica() {
      return replica;
    },
    async switchRoles() {
      // WAIT covers the writes of its own connection; this write comes after all others.
      await primary.client.set('the last write', '', 'PX', 1);
      await until('the replica has everything', async () => (await primary.client.wait(1, 1000)) === 1);
      await replica.client.replicaof('NO', 'ONE');
      await follow(primary, replica);
      [primary, replica] = [replica, primary];
    },
    moveName: () => proxy.retarget(primary.url),
  };
}
