import type { Redis } from 'ioredis';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';

/** State of a claim in Redis. It may suffice to reject a claim, never to issue a coupon. */
export type Reservation =
  /** One of the coupons left is reserved for the user. */
  | 'reserved'
  /** The user has reserved one before, which does not mean that MySQL issued it, or is listed as a holder. */
  | 'held'
  /** All are reserved, but the holders are not listed: a process may have died after reserving. */
  | 'unconfirmed'
  /** All are issued, the holders are listed, and this user is not among them. */
  | 'sold_out'
  /** There is no counter, or Redis does not respond. */
  | 'unknown';

/** Time after which another process may list the holders: the one that began has died or has failed. */
const LISTING_TTL_MS = 5000;
/** Life of a list that is never published. Each page renews it. */
const DRAFT_TTL_MS = 60_000;
/**
 * Life of the claims once the holders are listed: processes may know an earlier version of the coupon, for as
 * long as coupon-definitions.ts allows.
 */
const CLAIMS_TTL_MS = 60_000;

/**
 * KEYS[1] left. KEYS[2] claims: the set of users who reserved one. KEYS[3] holders: the set of all holders of
 * a sold-out coupon. ARGV[1] user, ARGV[2] when the set expires, in ms since 1970. Returns a Reservation.
 */
const reserve = createRedisScript(`
for _, users in ipairs({KEYS[2], KEYS[3]}) do
  if redis.call('SISMEMBER', users, ARGV[1]) == 1 then return 'held' end
end
if redis.call('EXISTS', KEYS[3]) == 1 then return 'sold_out' end
local left = tonumber(redis.call('GET', KEYS[1]))
if not left then return 'unknown' end
if left <= 0 then return 'unconfirmed' end
redis.call('DECR', KEYS[1])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIREAT', KEYS[2], ARGV[2])
return 'reserved'`);

/**
 * KEYS[1], KEYS[2] and ARGV[1] as above. Removes the user from the claims and raises the counter by one, if
 * there is one. Returns nothing.
 */
const giveBack = createRedisScript(`
redis.call('SREM', KEYS[2], ARGV[1])
if tonumber(redis.call('GET', KEYS[1])) then redis.call('INCR', KEYS[1]) end`);

/**
 * KEYS[1] left. ARGV[1] number left in MySQL, ARGV[2] when the key expires, in ms since 1970. Sets the
 * counter if it is missing or higher: within a version MySQL's number only falls. Returns nothing.
 */
const lower = createRedisScript(`
local left = tonumber(redis.call('GET', KEYS[1]))
if not left or left > tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('PEXPIREAT', KEYS[1], ARGV[2])
end`);

/**
 * KEYS[1] left. ARGV[1] its value, ARGV[2] when the key expires, in ms since 1970, ARGV[3] 1 to keep an
 * existing counter. Returns 1 if a counter existed, else 0. From Redis 6.2 on, SET with PXAT and GET could
 * replace this script.
 */
const setLeft = createRedisScript(`
local isThere = redis.call('EXISTS', KEYS[1])
if ARGV[3] == '1' and isThere == 1 then return 1 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return isThere`);

/**
 * KEYS[1] draft: the set of holders that was read from MySQL. KEYS[2] holders, KEYS[3] listing, KEYS[4]
 * claims. ARGV[1] number of holders read, ARGV[2] when holders expires, in ms since 1970, ARGV[3] life of the
 * claims in ms. Publishes the draft unless Redis has lost part of it. Returns 1 if it did, else 0.
 */
const publish = createRedisScript(`
if redis.call('SCARD', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PEXPIREAT', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[3])
redis.call('PEXPIRE', KEYS[4], ARGV[3])
return 1`);

export interface CouponKey {
  readonly couponId: string;
  /** Each version has its own counter, so that "sold out" does not outlive an edit. */
  readonly version: number;
  readonly validUntil: Date;
}

/** A list of holders in the making. */
export interface HolderDraft extends CouponKey {
  /** Different for each attempt. */
  readonly draftId: string;
}

/**
 * Counters and lists of holders that reject latecomers with one Redis command. MySQL alone decides who has a
 * coupon. A wrong or missing counter only costs time: more claims go to MySQL.
 *
 * A list of holders rejects claims, so it must never lack one. It is read from MySQL after all are issued
 * (publish-holders.ts), comes into being by one command and never changes. A Redis that failed over or was
 * restored therefore has all of it or nothing. Claims are no such list: Redis may lose the latest.
 *
 * Methods that serve claims never throw for Redis. `rebuild`, `addHolders` and `publishHolders` throw
 * OperationalError.
 */
export interface CouponCounters {
  reserve(claim: CouponKey & { readonly userId: string }): Promise<Reservation>;
  /** Undoes a reservation that led to no coupon. */
  giveBack(claim: CouponKey & { readonly userId: string }): Promise<void>;
  /** Marks a user who has a coupon or may have one. Lowers the counter to `left`, or creates it, if given. */
  hold(claim: CouponKey & { readonly userId: string; readonly left?: number }): Promise<void>;
  /**
   * Records that MySQL has confirmed: all are issued, and this user, who may be among the claims, has none.
   * Returns true to one caller, who must list the holders. Claims that lose together share one round trip.
   */
  close(claim: CouponKey & { readonly userId: string; readonly mayBeClaimed: boolean }): Promise<boolean>;
  /** Creates the counter of a coupon's version. */
  open(coupon: CouponKey & { readonly left: number }): Promise<void>;
  /** Sets counters to MySQL's numbers. Returns whether each was missing and whether to list its holders. */
  rebuild(
    coupons: readonly (CouponKey & { readonly left: number })[],
  ): Promise<{ readonly wasGone: boolean; readonly isListingDue: boolean }[]>;
  addHolders(draft: HolderDraft, userIds: readonly string[]): Promise<void>;
  /** From now on, the coupon is sold out for all but the draft's users. Returns false if it lacks one. */
  publishHolders(draft: HolderDraft, count: number): Promise<boolean>;
}

export function createCouponCounters({
  redis,
  log,
}: {
  readonly redis: RedisStore;
  readonly log: Log;
}): CouponCounters {
  /** Runs a command that a claim can do without. */
  const attempt = <T>(otherwise: T, command: (client: Redis) => Promise<T>): Promise<T> =>
    orLog(() => redis.run(command), { log, event: 'coupon_counter_unavailable', otherwise });
  /** Counters that are being closed. */
  const closing = new Set<string>();

  return {
    reserve: ({ userId, validUntil, ...coupon }) =>
      attempt<Reservation>('unknown', async (client) => {
        const { left, claims, holders } = keysOf(coupon);
        return (await reserve(
          client,
          [left, claims, holders],
          [userId, validUntil.getTime()],
        )) as Reservation;
      }),
    giveBack: ({ userId, ...coupon }) =>
      attempt(undefined, async (client) => {
        const { left, claims } = keysOf(coupon);
        await giveBack(client, [left, claims], [userId]);
      }),
    hold: ({ userId, left, validUntil, ...coupon }) =>
      attempt(undefined, async (client) => {
        const keys = keysOf(coupon);
        const untilMs = validUntil.getTime();
        await Promise.all([
          client.sadd(keys.claims, userId),
          client.pexpireat(keys.claims, untilMs),
          ...(left === undefined ? [] : [lower(client, [keys.left], [left, untilMs])]),
        ]);
      }),
    close: ({ userId, mayBeClaimed, validUntil, ...coupon }) =>
      attempt(false, async (client) => {
        const keys = keysOf(coupon);
        const isFirst = !closing.has(keys.left);
        closing.add(keys.left);
        try {
          const [isDue] = await Promise.all([
            isFirst && isListingDue(client, keys),
            isFirst && setLeft(client, [keys.left], [0, validUntil.getTime(), 0]),
            mayBeClaimed && client.srem(keys.claims, userId),
          ]);
          return isDue;
        } finally {
          if (isFirst) closing.delete(keys.left);
        }
      }),
    open: ({ left, validUntil, ...coupon }) =>
      attempt(undefined, async (client) => {
        await setLeft(client, [keysOf(coupon).left], [left, validUntil.getTime(), 1]);
      }),
    rebuild: (coupons) =>
      redis.run((client) =>
        Promise.all(
          coupons.map(async ({ left, validUntil, ...coupon }) => {
            const keys = keysOf(coupon);
            const [wasThere, isDue] = await Promise.all([
              setLeft(client, [keys.left], [left, validUntil.getTime(), 0]),
              // A database restored from a backup may have issued fewer than the list says.
              left > 0 ? client.unlink(keys.holders) : isListingDue(client, keys),
            ]);
            return { wasGone: wasThere === 0, isListingDue: isDue === true };
          }),
        ),
      ),
    addHolders: (draft, userIds) =>
      redis.run(async (client) => {
        const { listing } = keysOf(draft);
        const key = draftKey(draft);
        await Promise.all([
          client.sadd(key, ...userIds),
          client.pexpire(key, DRAFT_TTL_MS),
          client.pexpire(listing, LISTING_TTL_MS),
        ]);
      }),
    publishHolders: (draft, count) =>
      redis.run(async (client) => {
        const { holders, listing, claims } = keysOf(draft);
        const keys = [draftKey(draft), holders, listing, claims];
        return (await publish(client, keys, [count, draft.validUntil.getTime(), CLAIMS_TTL_MS])) === 1;
      }),
  };
}

/** True to one caller as long as the holders are not listed. */
async function isListingDue(client: Redis, { holders, listing }: Keys): Promise<boolean> {
  const [listed, taken] = await Promise.all([
    client.exists(holders),
    client.set(listing, '', 'PX', LISTING_TTL_MS, 'NX'),
  ]);
  return listed === 0 && taken === 'OK';
}

type Keys = ReturnType<typeof keysOf>;

/** The hash tag keeps all keys of a coupon in one cluster slot, so that one script may use them. */
function keysOf({ couponId, version }: Omit<CouponKey, 'validUntil'>) {
  return {
    left: `coupon:{${couponId}}:left:${version}`,
    claims: `coupon:{${couponId}}:claims`,
    holders: `coupon:{${couponId}}:holders:${version}`,
    listing: `coupon:{${couponId}}:listing:${version}`,
  };
}

function draftKey({ couponId, draftId }: HolderDraft): string {
  return `coupon:{${couponId}}:draft:${draftId}`;
}
