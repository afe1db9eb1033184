import type { RedisStore } from '../platform/redis/redis.ts';
import { createRedisScript } from '../platform/redis/redis-script.ts';
import { type Cart, CART_LINES_MAX, CART_QUANTITY_MAX, type CartLine, userCart } from './cart.ts';
import { linesOf, OWNER } from './cart-lines.ts';

export type CartChange =
  | { readonly code: 'changed'; readonly lines: readonly CartLine[] }
  /** The line would hold more than 99; it holds `held`. */
  | { readonly code: 'quantity_limit'; readonly held: number }
  | { readonly code: 'line_limit' }
  /** There is no such guest's cart (any more), and none is begun under a token that somebody chose. */
  | { readonly code: 'unknown' };

/** What has to leave a user's cart because an order has it. */
export interface CartRemoval {
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly CartLine[];
}

/**
 * Carts in the `state` Redis: a hash of product and quantity each. Every change is one script, so that two at once are
 * both counted and no limit is passed between them. All methods throw OperationalError when Redis does not answer.
 */
export interface CartStore {
  /** In the order in which they were put in, as far as Redis keeps it. No cart has no lines. */
  read(cart: Cart): Promise<CartLine[]>;
  /** `mayBegin`: the token of a guest's cart is new. */
  add(cart: Cart, line: CartLine, options?: { readonly mayBegin?: boolean }): Promise<CartChange>;
  set(cart: Cart, line: CartLine, options?: { readonly mayBegin?: boolean }): Promise<CartChange>;
  /** What is left. Undefined where there is no such guest's cart. */
  remove(cart: Cart, productId: string): Promise<CartLine[] | undefined>;
  /** Not a guest's cart that is on its way into a user's. */
  clear(cart: Cart): Promise<void>;
  /** Takes the units out, or what is there of them; once an order, however often it is called. */
  takeOut(removal: CartRemoval): Promise<void>;
  /** Nobody will call `takeOut` for this order again, apart from those who are about to. */
  forgetTaken(removal: CartRemoval): Promise<void>;
}

const TAKEN_TTL_S = 7 * 24 * 60 * 60;
/** Longer than any request takes that has seen the removal as not yet done. */
const TAKEN_DONE_TTL_S = 10 * 60;

/**
 * KEYS[1] cart. ARGV: `add` or `set`, product, quantity, time to live in s, 1 where the cart may begin. Returns a code
 * and, after `changed`, the flat list of products and quantities, after `quantity_limit` the quantity held.
 */
const change = createRedisScript(`
if ARGV[5] == '0' then
  if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], '${OWNER}') == 1 then return {'unknown'} end
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
 * KEYS[1] cart. ARGV: product, time to live in s, 1 for a guest's. Returns 1 and the flat list of what is left, or 0 for a
 * guest's cart that is not there.
 */
const takeLine = createRedisScript(`
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
 * KEYS: a user's cart, the mark that this order is out of it. ARGV: time to live of the mark in s, then products and
 * quantities. Returns nothing.
 */
const takeOut = createRedisScript(`
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then return end
for i = 2, #ARGV, 2 do
  local left = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') - tonumber(ARGV[i + 1])
  if left > 0 then redis.call('HSET', KEYS[1], ARGV[i], left) else redis.call('HDEL', KEYS[1], ARGV[i]) end
end`);

export function cartStore(redis: RedisStore): CartStore {
  const put = async (
    how: 'add' | 'set',
    { key, ttlS, guestId }: Cart,
    { productId, quantity }: CartLine,
    mayBegin: boolean,
  ): Promise<CartChange> => {
    const mayBeginHere = mayBegin || guestId === undefined;
    const [code, detail] = (await redis.run((client) =>
      change(client, [key], [how, productId, quantity, ttlS, mayBeginHere ? 1 : 0]),
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
    add: (cart, line, { mayBegin = false } = {}) => put('add', cart, line, mayBegin),
    set: (cart, line, { mayBegin = false } = {}) => put('set', cart, line, mayBegin),
    remove: async ({ key, ttlS, guestId }, productId) => {
      const [isThere, left] = (await redis.run((client) =>
        takeLine(client, [key], [productId, ttlS, guestId === undefined ? 0 : 1]),
      )) as [number, string[]?];
      return isThere === 1 ? linesOf(left ?? []) : undefined;
    },
    clear: async ({ key }) => {
      await redis.run((client) => clear(client, [key], []));
    },
    takeOut: async (removal) => {
      const values = removal.lines.flatMap(({ productId, quantity }) => [productId, quantity]);
      const keys = [userCart(removal.userId).key, markOf(removal)];
      await redis.run((client) => takeOut(client, keys, [TAKEN_TTL_S, ...values]));
    },
    forgetTaken: async (removal) => {
      await redis.run((client) => client.expire(markOf(removal), TAKEN_DONE_TTL_S));
    },
  };
}
