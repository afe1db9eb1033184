import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ProcessName } from '../instance/instance-settings.ts';
import type { ProcessHost } from './process-host.ts';

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

/** Lets processes of a host use Redis: network access, token, a URL per role and the limit of cache keys. */
export function useRedis(
  host: ProcessHost,
  { redis }: RedisAccess,
  options: { cacheKeysMax: number | undefined; state: readonly ProcessName[]; cache: readonly ProcessName[] },
): void {
  const names = { state: 'REDIS_STATE_URL', cache: 'REDIS_CACHE_URL' } as const;
  const used = (['state', 'cache'] as const).filter((role) => options[role].length > 0);
  for (const role of used) {
    const store = redis[role];
    // Roles that share a group use one logical database each.
    const database = role === 'cache' && redis.cache === redis.state ? 1 : 0;
    host.setSecretVariable(options[role], names[role], {
      secretArn: store.token.secretArn,
      // The certificate comes from a public authority that Node trusts.
      template: `rediss://:{}@${store.host}:${store.port}/${database}`,
    });
  }
  if (options.cacheKeysMax !== undefined) {
    host.setVariables(options.cache, { CACHE_KEYS_MAX: `${options.cacheKeysMax}` });
  }
  for (const store of new Set(used.map((role) => redis[role]))) {
    store.token.grantRead(host);
    host.connections.allowToDefaultPort(store, 'to Redis');
  }
}
