import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';
import { type Cart, CART_LINES_MAX, CART_QUANTITY_MAX, guestCartOf, userCart } from './cart.ts';
import { linesOf, OWNER } from './cart-lines.ts';

/** A line that could not be merged in full. */
export interface CartAdjustment {
  readonly productId: string;
  /** Units in both carts together. */
  readonly wanted: number;
  /** Units in the user's cart now. */
  readonly quantity: number;
}

/**
 * Merges guest carts into users' carts. The two may be in different cluster slots, so a merge is not one
 * script. Every step is repeatable, and from the first step to the last the user's side records that the
 * merge is unfinished. Both methods throw OperationalError if Redis does not respond.
 */
export interface CartMerges {
  /**
   * Adds a guest cart to the user's, once, deletes it and returns the lines that did not fit. Undefined if
   * the guest cart was empty or did not exist. `finishMerges`, or the same merge again, finishes an
   * interrupted merge.
   */
  merge(userId: string, guest: Cart): Promise<CartAdjustment[] | undefined>;
  /** Finishes merges into the user's cart that were started and interrupted. */
  finishMerges(userId: string): Promise<void>;
}

/** Longer than the life of a guest cart, which may exist until then with its lines already added. */
const MERGED_TTL_S = 8 * 24 * 60 * 60;
/** Longer than any log-in that has read the guest cart before it was deleted. */
const MERGED_DONE_TTL_S = 10 * 60;
/** Equals the life of the mark above, because any read of the user's cart finishes the merge. */
const UNFINISHED_TTL_S = MERGED_TTL_S;

/**
 * KEYS[1] a guest cart. ARGV: user. Claims the cart for the user: from now on no other user can merge it and
 * no client can add to it. Returns products and quantities; nothing if another user has claimed it or it does
 * not exist.
 */
const claim = createRedisScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local owner = redis.call('HGET', KEYS[1], '${OWNER}')
if owner and owner ~= ARGV[1] then return {} end
redis.call('HSET', KEYS[1], '${OWNER}', ARGV[1])
return redis.call('HGETALL', KEYS[1])`);

/**
 * KEYS: a user's cart, the mark that this guest cart has been added. ARGV: time to live of the cart and of
 * the mark in s, then products and quantities. Returns product, wanted and actual quantity of each capped
 * line.
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

export function createCartMerges({ redis }: { readonly redis: RedisStore }): CartMerges {
  const merge = async (userId: string, guest: Cart): Promise<CartAdjustment[] | undefined> => {
    const cart = userCart(userId);
    const unfinishedKey = unfinishedKeyOf(userId);
    const guestId = guest.guestId ?? '';
    const merged = `${cart.key}:guest:${guestId}`;
    // Most tokens belong to expired carts, which must leave no keys behind.
    if ((await redis.run((client) => client.exists(guest.key))) === 0) {
      await redis.run((client) => client.srem(unfinishedKey, guestId));
      return undefined;
    }
    await redis.run((client) =>
      Promise.all([client.sadd(unfinishedKey, guestId), client.expire(unfinishedKey, UNFINISHED_TTL_S)]),
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
      Promise.all([client.srem(unfinishedKey, guestId), client.expire(merged, MERGED_DONE_TTL_S)]),
    );
    return capped === undefined ? undefined : adjustmentsOf(capped as (string | number)[]);
  };
  return {
    merge,
    finishMerges: async (userId) => {
      const unfinished = await redis.run((client) => client.smembers(unfinishedKeyOf(userId)));
      for (const guestId of unfinished) await merge(userId, guestCartOf(guestId));
    },
  };
}

function unfinishedKeyOf(userId: string): string {
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
