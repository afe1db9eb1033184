import { randomUUID } from 'node:crypto';
import { edgeKeepsMaxS } from '../contract/edge-cache.ts';
import { adminRoleOf } from '../http/contract/admin-role.ts';
import type { Route } from '../http/contract/route.ts';
import type { Log } from '../platform/observe/log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';

/** Holds the name of the latest change. */
const KEY = 'catalogue:changed';

/**
 * Tells the worker that admins changed what visitors see below /products. A change is forgotten once every
 * copy from before it has expired, so a worker that was down for longer has missed nothing.
 */
export interface CatalogueChanges {
  /** Returns at once and never fails: without Redis a change is seen when its copies have expired. */
  announce(): void;
  /** A name for the latest change of the last minute, other than that of any earlier one. */
  latest(): Promise<string | undefined>;
}

export function createCatalogueChanges({
  redis,
  log,
}: {
  readonly redis: RedisStore;
  readonly log: Log;
}): CatalogueChanges {
  return {
    announce() {
      redis
        .run((client) => client.set(KEY, randomUUID(), 'EX', edgeKeepsMaxS))
        .catch((error: unknown) => log.debug('catalogue_change_not_announced', { error }));
    },
    latest: async () => (await redis.run((client) => client.get(KEY))) ?? undefined,
  };
}

/** Announces each successful request of an admin that may have changed something. */
export function announcingChanges(routes: readonly Route[], announce: () => void): Route[] {
  return routes.map((route) => {
    if (adminRoleOf(route.access) === undefined || route.method === 'get') return route;
    const handle: Route['handle'] = async (request) => {
      const reply = await route.handle(request);
      if (!('problem' in reply)) announce();
      return reply;
    };
    return { ...route, handle };
  });
}
