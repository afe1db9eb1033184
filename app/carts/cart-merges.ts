import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';
import { type Cart, CART_LINES_MAX, CART_QUANTITY_MAX, guestCartOf, userCart } from './cart.ts';
import { linesOf, OWNER } from './cart-lines.ts';

/** A line that could not be taken over whole. */
export interface CartAdjustment {
  readonly productId: string;
  /** The units of both carts. */
  readonly wanted: number;
  /** What there is of them now. */
  readonly quantity: number;
}

/**
 * Guests' carts that become users'. The two may be in two slots of a cluster, so it is not one script: each step can be
 * done again, and from the first to the last the user's side knows that there is something to finish. Both throw
 * OperationalError when Redis does not answer.
 */
export interface CartMerges {
  /**
   * Adds a guest's cart to the user's, once, and tells what did not fit; the guest's is gone. Undefined when there was
   * nothing in it. What breaks off on the way is finished by `finishMerges`, or by the same merge again.
   */
  merge(userId: string, guest: Cart): Promise<CartAdjustment[] | undefined>;
  /** Adds the guests' carts whose merge with the user's was begun and not finished. */
  finishMerges(userId: string): Promise<void>;
}

/** Longer than a guest's cart lives, which may be there until then with its lines added already. */
const MERGED_TTL_S = 8 * 24 * 60 * 60;
/** Longer than any log-in takes that has read the guest's cart before it was deleted. */
const MERGED_DONE_TTL_S = 10 * 60;
/** As long: what was begun is finished at any look into the user's cart. */
const BEGUN_TTL_S = MERGED_TTL_S;

/**
 * KEYS[1] a guest's cart. ARGV: user. It is the user's from here on: nobody else adds it to his own, and nothing is put
 * in any more. Returns products and quantities; nothing when it is another user's or gone.
 */
const claim = createRedisScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local owner = redis.call('HGET', KEYS[1], '${OWNER}')
if owner and owner ~= ARGV[1] then return {} end
redis.call('HSET', KEYS[1], '${OWNER}', ARGV[1])
return redis.call('HGETALL', KEYS[1])`);

/**
 * KEYS: a user's cart, the mark that this guest's cart has been added. ARGV: time to live of the cart and of the mark in
 * s, then products and quantities. Returns product, wanted and actual quantity of each line that was capped.
 */
const addAll = createRedisScript(`
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[2]) then return {} end
local lines = redis.call('HLEN', KEYS[1])
local capped = {}
for i = 3, #ARGV, 2 do
  local held = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0')
  local wanted = held + tonumber(ARGV[i + 1])
  local quantity = math.min(wanted, ${CART_QUANTITY_MAX})
  if held == 0 and lines >= ${CART_LINES_MAX} then quantity = 0 elseif held == 0 then lines = lines + 1 end
  if quantity > 0 then redis.call('HSET', KEYS[1], ARGV[i], quantity) end
  if quantity < wanted then
    capped[#capped + 1] = ARGV[i]
    capped[#capped + 1] = wanted
    capped[#capped + 1] = quantity
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return capped`);

export function cartMerges(redis: RedisStore): CartMerges {
  const merge = async (userId: string, guest: Cart): Promise<CartAdjustment[] | undefined> => {
    const cart = userCart(userId);
    const begunKey = begunKeyOf(userId);
    const guestId = guest.guestId ?? '';
    const merged = `${cart.key}:guest:${guestId}`;
    // Most tokens are of no cart any more, and leave nothing.
    if ((await redis.run((client) => client.exists(guest.key))) === 0) {
      await redis.run((client) => client.srem(begunKey, guestId));
      return undefined;
    }
    await redis.run((client) =>
      Promise.all([client.sadd(begunKey, guestId), client.expire(begunKey, BEGUN_TTL_S)]),
    );
    const lines = linesOf((await redis.run((client) => claim(client, [guest.key], [userId]))) as string[]);
    const values = lines.flatMap(({ productId, quantity }) => [productId, quantity]);
    const capped =
      lines.length === 0
        ? undefined
        : await redis.run((client) =>
            addAll(client, [cart.key, merged], [cart.ttlS, MERGED_TTL_S, ...values]),
          );
    if (capped !== undefined) await redis.run((client) => client.del(guest.key));
    await redis.run((client) =>
      Promise.all([client.srem(begunKey, guestId), client.expire(merged, MERGED_DONE_TTL_S)]),
    );
    return capped === undefined ? undefined : adjustmentsOf(capped as (string | number)[]);
  };
  return {
    merge,
    finishMerges: async (userId) => {
      const begun = await redis.run((client) => client.smembers(begunKeyOf(userId)));
      for (const guestId of begun) await merge(userId, guestCartOf(guestId));
    },
  };
}

function begunKeyOf(userId: string): string {
  return `${userCart(userId).key}:merging`;
}

function adjustmentsOf(flat: readonly (string | number)[]): CartAdjustment[] {
  const adjustments: CartAdjustment[] = [];
  for (let at = 0; at + 2 < flat.length; at += 3) {
    const [productId, wanted, quantity] = flat.slice(at, at + 3);
    adjustments.push({ productId: String(productId), wanted: Number(wanted), quantity: Number(quantity) });
  }
  return adjustments;
}
