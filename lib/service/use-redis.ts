import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ProcessName } from '../instance/instance-settings.ts';
import type { AppFleet } from './app-fleet.ts';

export interface RedisEndpoint extends IConnectable {
  readonly host: string;
  readonly port: number;
  readonly token: ISecret;
}

/** What a client of Redis needs of it. */
export interface RedisAccess {
  /** One object for both roles where they share a group. */
  readonly redis: Readonly<Record<'state' | 'cache', RedisEndpoint>>;
}

/** Lets processes of a fleet reach Redis: network, secret, the URL of each role and the cap of the cache. */
export function useRedis(
  fleet: AppFleet,
  { redis }: RedisAccess,
  options: { cacheKeysMax: number | undefined; state: readonly ProcessName[]; cache: readonly ProcessName[] },
): void {
  const names = { state: 'REDIS_STATE_URL', cache: 'REDIS_CACHE_URL' } as const;
  for (const role of ['state', 'cache'] as const) {
    const store = redis[role];
    // In a group that both roles share they have a logical database each.
    const database = role === 'cache' && redis.cache === redis.state ? 1 : 0;
    fleet.setSecretVariable(options[role], names[role], {
      secretArn: store.token.secretArn,
      // The certificate is of a public authority, which Node knows.
      template: `rediss://:{}@${store.host}:${store.port}/${database}`,
    });
  }
  if (options.cacheKeysMax !== undefined) {
    fleet.setVariables(options.cache, { CACHE_KEYS_MAX: `${options.cacheKeysMax}` });
  }
  for (const store of new Set([redis.state, redis.cache])) {
    store.token.grantRead(fleet);
    fleet.connections.allowToDefaultPort(store, 'to Redis');
  }
}
