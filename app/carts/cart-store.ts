import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';
import { type Cart, CART_LINES_MAX, CART_QUANTITY_MAX, type CartLine, userCart } from './cart.ts';
import { linesOf, OWNER } from './cart-lines.ts';

export type CartChange =
  | { readonly code: 'changed'; readonly lines: readonly CartLine[] }
  /** The line would hold more than 99 units; it holds `held`. */
  | { readonly code: 'quantity_limit'; readonly held: number }
  | { readonly code: 'line_limit' }
  /** The guest cart does not exist and may not be created under a token that the client sent. */
  | { readonly code: 'unknown' };

/** Lines to remove from a user's cart because an order contains them. */
export interface CartRemoval {
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly CartLine[];
}

/**
 * Carts in the `state` Redis: one hash of product to quantity per cart. Every change is one script, so
 * concurrent changes both count and cannot exceed a limit together. All methods throw OperationalError if
 * Redis does not respond.
 */
export interface CartStore {
  /** Lines in the order in which they were added, as far as Redis keeps it. A missing cart has no lines. */
  read(cart: Cart): Promise<CartLine[]>;
  /** `mayCreate`: the token of a guest cart is new. */
  add(cart: Cart, line: CartLine, options?: { readonly mayCreate?: boolean }): Promise<CartChange>;
  set(cart: Cart, line: CartLine, options?: { readonly mayCreate?: boolean }): Promise<CartChange>;
  /** Returns the remaining lines; undefined if the guest cart does not exist. */
  remove(cart: Cart, productId: string): Promise<CartLine[] | undefined>;
  /** Skips a guest cart that is being merged into a user's. */
  clear(cart: Cart): Promise<void>;
  /** Removes the ordered units, or as many as there are. Takes effect once per order; safe to repeat. */
  removeOrdered(removal: CartRemoval): Promise<void>;
  /** Call this when no further `removeOrdered` for this order will start; calls in progress stay safe. */
  forgetRemoval(removal: CartRemoval): Promise<void>;
}

const REMOVED_TTL_S = 7 * 24 * 60 * 60;
/** Longer than any request that has read the removal as pending. */
const REMOVED_DONE_TTL_S = 10 * 60;

/**
 * KEYS[1] cart. ARGV: `add` or `set`, product, quantity, time to live in s, 1 if the cart may be created.
 * Returns a code, followed by the flat list of products and quantities (`changed`) or the quantity held
 * (`quantity_limit`).
 */
const change = createRedisScript(`
if ARGV[5] == '0' then
  local merging = redis.call('HEXISTS', KEYS[1], '${OWNER}') == 1
  if redis.call('EXISTS', KEYS[1]) == 0 or merging then return {'unknown'} end
end
local held = tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or '0')
local quantity = tonumber(ARGV[3])
if ARGV[1] == 'add' then quantity = quantity + held end
if quantity > ${CART_QUANTITY_MAX} then return {'quantity_limit', held} end
if held == 0 and redis.call('HLEN', KEYS[1]) >= ${CART_LINES_MAX} then return {'line_limit'} end
redis.call('HSET', KEYS[1], ARGV[2], quantity)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {'changed', redis.call('HGETALL', KEYS[1])}`);

/**
 * KEYS[1] cart. ARGV: product, time to live in s, 1 for a guest cart. Returns 1 and the flat list of
 * remaining lines, or 0 if the guest cart does not exist.
 */
const removeLine = createRedisScript(`
if ARGV[3] == '1' then
  if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], '${OWNER}') == 1 then return {0} end
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {1, redis.call('HGETALL', KEYS[1])}`);

/** KEYS[1] cart. Returns nothing. */
const clear = createRedisScript(`
if redis.call('HEXISTS', KEYS[1], '${OWNER}') == 0 then redis.call('DEL', KEYS[1]) end`);

/**
 * KEYS: a user's cart, the mark that this order's lines are removed. ARGV: time to live of the mark in s,
 * then products and quantities. Returns nothing.
 */
const removeOrdered = createRedisScript(`
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then return end
for i = 2, #ARGV, 2 do
  local left = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') - tonumber(ARGV[i + 1])
  if left > 0 then redis.call('HSET', KEYS[1], ARGV[i], left) else redis.call('HDEL', KEYS[1], ARGV[i]) end
end`);

export function createCartStore({ redis }: { readonly redis: RedisStore }): CartStore {
  const put = async (
    how: 'add' | 'set',
    { key, ttlS, guestId }: Cart,
    { productId, quantity }: CartLine,
    mayCreate: boolean,
  ): Promise<CartChange> => {
    const mayCreateHere = mayCreate || guestId === undefined;
    const [code, detail] = (await redis.run((client) =>
      change(client, [key], [how, productId, quantity, ttlS, mayCreateHere ? 1 : 0]),
    )) as [CartChange['code'], unknown];
    if (code === 'changed') return { code, lines: linesOf(detail as string[]) };
    return code === 'quantity_limit' ? { code, held: Number(detail) } : { code };
  };
  const markOf = ({ userId, orderId }: CartRemoval) => `${userCart(userId).key}:order:${orderId}`;

  return {
    read: async ({ key }) => {
      const held = await redis.run((client) => client.hgetall(key));
      return OWNER in held ? [] : linesOf(Object.entries(held).flat());
    },
    add: (cart, line, { mayCreate = false } = {}) => put('add', cart, line, mayCreate),
    set: (cart, line, { mayCreate = false } = {}) => put('set', cart, line, mayCreate),
    remove: async ({ key, ttlS, guestId }, productId) => {
      const [isThere, left] = (await redis.run((client) =>
        removeLine(client, [key], [productId, ttlS, guestId === undefined ? 0 : 1]),
      )) as [number, string[]?];
      return isThere === 1 ? linesOf(left ?? []) : undefined;
    },
    clear: async ({ key }) => {
      await redis.run((client) => clear(client, [key], []));
    },
    removeOrdered: async (removal) => {
      const values = removal.lines.flatMap(({ productId, quantity }) => [productId, quantity]);
      const keys = [userCart(removal.userId).key, markOf(removal)];
      await redis.run((client) => removeOrdered(client, keys, [REMOVED_TTL_S, ...values]));
    },
    forgetRemoval: async (removal) => {
      await redis.run((client) => client.expire(markOf(removal), REMOVED_DONE_TTL_S));
    },
  };
}
