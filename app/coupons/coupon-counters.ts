import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';

/** State of a claim in Redis. It may suffice to reject a claim, never to issue a coupon. */
export type Reservation =
  /** One of the coupons left is reserved for the user. */
  | 'reserved'
  /** The user has reserved one before, which does not mean that MySQL issued it. */
  | 'held'
  /** All are reserved, but MySQL has not confirmed it: a process may have died after reserving. */
  | 'unconfirmed'
  /** MySQL has confirmed that all are issued and that this user has none. */
  | 'sold_out'
  /** MySQL has confirmed that all are issued. Redis does not know whether this user has one. */
  | 'sold_out_unless_held'
  /** There is no counter, or Redis does not respond. */
  | 'unknown';

/** Value of `left` once MySQL has confirmed that all are issued. */
const NONE = 'none';
/** Member of `claims` that is not a user id. It means that the set contains every holder. */
const COMPLETE = '*';

/**
 * KEYS[1] left: a number or `none`. KEYS[2] claims: the set of users who reserved one. ARGV[1] user, ARGV[2]
 * when the set expires, in ms since 1970. Returns a Reservation.
 */
const reserve = createRedisScript(`
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1 then return 'held' end
local left = redis.call('GET', KEYS[1])
if not left then return 'unknown' end
if left == '${NONE}' then
  if redis.call('SISMEMBER', KEYS[2], '${COMPLETE}') == 1 then return 'sold_out' end
  return 'sold_out_unless_held'
end
if tonumber(left) <= 0 then return 'unconfirmed' end
redis.call('DECR', KEYS[1])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PEXPIREAT', KEYS[2], ARGV[2])
return 'reserved'`);

/**
 * KEYS and ARGV[1] as above. Removes the user from the claims and, if the counter still has a number, raises
 * it by one. Returns nothing.
 */
const giveBack = createRedisScript(`
redis.call('SREM', KEYS[2], ARGV[1])
local left = redis.call('GET', KEYS[1])
if left and left ~= '${NONE}' then redis.call('INCR', KEYS[1]) end`);

/**
 * KEYS[1] left. ARGV[1] number left in MySQL, ARGV[2] the same as a stored value, ARGV[3] when the key
 * expires, in ms since 1970. Sets the counter if it is missing or higher: within a version MySQL's number
 * only falls. Returns nothing.
 */
const lower = createRedisScript(`
local left = redis.call('GET', KEYS[1])
if left == '${NONE}' then return end
if not left or ARGV[1] == '0' or tonumber(left) > tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('PEXPIREAT', KEYS[1], ARGV[3])
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

export interface CouponKey {
  readonly couponId: string;
  /** Each version has its own counter, so that "sold out" does not outlive an edit. */
  readonly version: number;
  readonly validUntil: Date;
}

/**
 * Counters that reject latecomers with one Redis command. MySQL alone decides who has a coupon, so a wrong or
 * missing counter only costs time. If it is too high, or 0, more claims go to MySQL, until MySQL confirms
 * that all are issued.
 *
 * Methods that serve claims never throw for Redis. `rebuild`, `addHolders` and `holdersComplete` throw
 * OperationalError.
 */
export interface CouponCounters {
  reserve(claim: CouponKey & { readonly userId: string }): Promise<Reservation>;
  /** Undoes a reservation that led to no coupon. */
  giveBack(claim: CouponKey & { readonly userId: string }): Promise<void>;
  /** Marks a user who has a coupon or may have one. Lowers the counter to `left`, or creates it, if given. */
  hold(claim: CouponKey & { readonly userId: string; readonly left?: number }): Promise<void>;
  /** Records that MySQL has confirmed: all are issued, and this user has none. */
  close(claim: CouponKey & { readonly userId: string }): Promise<void>;
  /** Creates the counter of a coupon's version. `isNew`: none is issued, so all holders are known. */
  open(coupon: CouponKey & { readonly left: number; readonly isNew: boolean }): Promise<void>;
  /** Sets counters to MySQL's numbers. Returns whether each was missing and whether its holders are known. */
  rebuild(
    coupons: readonly (CouponKey & { readonly left: number })[],
  ): Promise<{ readonly wasGone: boolean; readonly holdersKnown: boolean }[]>;
  addHolders(coupon: CouponKey, userIds: readonly string[]): Promise<void>;
  /** Records that all holders of this coupon have been added. */
  holdersComplete(coupon: CouponKey): Promise<void>;
}

export function createCouponCounters({
  redis,
  log,
}: {
  readonly redis: RedisStore;
  readonly log: Log;
}): CouponCounters {
  /** Runs a command that a claim can do without. */
  const attempt = <T>(otherwise: T, command: () => Promise<T>): Promise<T> =>
    orLog(command, { log, event: 'coupon_counter_unavailable', otherwise });
  const addMembers = ({ validUntil, ...coupon }: CouponKey, members: readonly string[]): Promise<void> =>
    redis.run(async (client) => {
      const { claims } = keysOf(coupon);
      await Promise.all([client.sadd(claims, ...members), client.pexpireat(claims, validUntil.getTime())]);
    });
  const start = ({ validUntil, ...coupon }: CouponKey, left: number): Promise<unknown> =>
    redis.run((client) => setLeft(client, [keysOf(coupon).left], [valueOf(left), validUntil.getTime(), 1]));

  return {
    reserve: ({ userId, validUntil, ...coupon }) =>
      attempt<Reservation>('unknown', () =>
        redis.run(async (client) => {
          const { left, claims } = keysOf(coupon);
          return (await reserve(client, [left, claims], [userId, validUntil.getTime()])) as Reservation;
        }),
      ),
    giveBack: ({ userId, ...coupon }) =>
      attempt(undefined, () =>
        redis.run(async (client) => {
          const { left, claims } = keysOf(coupon);
          await giveBack(client, [left, claims], [userId]);
        }),
      ),
    hold: ({ userId, left, ...coupon }) =>
      attempt(undefined, async () => {
        await addMembers(coupon, [userId]);
        if (left === undefined) return;
        await redis.run((client) =>
          lower(client, [keysOf(coupon).left], [left, valueOf(left), coupon.validUntil.getTime()]),
        );
      }),
    close: ({ userId, validUntil, ...coupon }) =>
      attempt(undefined, () =>
        redis.run(async (client) => {
          const { left, claims } = keysOf(coupon);
          await Promise.all([
            setLeft(client, [left], [NONE, validUntil.getTime(), 0]),
            client.srem(claims, userId),
          ]);
        }),
      ),
    open: ({ left, isNew, ...coupon }) =>
      attempt(undefined, async () => {
        if (isNew) await addMembers(coupon, [COMPLETE]);
        await start(coupon, left);
      }),
    rebuild: (coupons) =>
      redis.run((client) =>
        Promise.all(
          coupons.map(async ({ left, validUntil, ...coupon }) => {
            const keys = keysOf(coupon);
            const [wasThere, complete] = await Promise.all([
              setLeft(client, [keys.left], [valueOf(left), validUntil.getTime(), 0]),
              client.sismember(keys.claims, COMPLETE),
            ]);
            return { wasGone: wasThere === 0, holdersKnown: complete === 1 };
          }),
        ),
      ),
    addHolders: addMembers,
    holdersComplete: (coupon) => addMembers(coupon, [COMPLETE]),
  };
}

/** The hash tag keeps both keys of a coupon in one cluster slot, so that one script may use both. */
function keysOf({ couponId, version }: Omit<CouponKey, 'validUntil'>): { left: string; claims: string } {
  return { left: `coupon:{${couponId}}:left:${version}`, claims: `coupon:{${couponId}}:claims` };
}

function valueOf(left: number): string {
  return left > 0 ? String(left) : NONE;
}
