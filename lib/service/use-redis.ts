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
  /** The same object for both roles if they share a group. */
  readonly redis: Readonly<Record<'state' | 'cache', RedisEndpoint>>;
}

/** Lets processes of a fleet use Redis: network access, token, a URL per role and the limit of cache keys. */
export function useRedis(
  fleet: AppFleet,
  { redis }: RedisAccess,
  options: { cacheKeysMax: number | undefined; state: readonly ProcessName[]; cache: readonly ProcessName[] },
): void {
  const names = { state: 'REDIS_STATE_URL', cache: 'REDIS_CACHE_URL' } as const;
  for (const role of ['state', 'cache'] as const) {
    const store = redis[role];
    // Roles that share a group use one logical database each.
    const database = role === 'cache' && redis.cache === redis.state ? 1 : 0;
    fleet.setSecretVariable(options[role], names[role], {
      secretArn: store.token.secretArn,
      // The certificate comes from a public authority that Node trusts.
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
