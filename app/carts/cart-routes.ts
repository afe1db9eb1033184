import { z } from 'zod';
import { findProductsOnSale } from '../catalogue/product-sql.ts';
import { tokenCookie } from '../http/access/token-cookie.ts';
import { CART_TOKEN_HEADER, cartCookieName } from '../http/contract/cookie-names.ts';
import { type Problem, problem } from '../http/contract/problem.ts';
import { defineRoute, type Reply, type Route, type Visitor } from '../http/contract/route.ts';
import { requestedIdSchema } from '../http/contract/schemas.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { RateLimiter } from '../platform/load/rate-limiter.ts';
import {
  type Cart,
  CART_LINES_MAX,
  CART_QUANTITY_MAX,
  type CartLine,
  guestCart,
  newCartToken,
  userCart,
} from './cart.ts';
import { cartReply, cartReplySchema } from './cart-reply.ts';
import type { CartChange, CartStore } from './cart-store.ts';
import type { UserCarts } from './user-carts.ts';

const quantitySchema = z.int().min(1).max(CART_QUANTITY_MAX);
const itemPath = z.object({ productId: requestedIdSchema });

export interface CartDependencies {
  readonly database: Database;
  readonly carts: CartStore;
  readonly userCarts: UserCarts;
  /** New guest carts per address; undefined means no limit. */
  readonly newCartLimit: RateLimiter | undefined;
  readonly cookieSecure: boolean;
}

export function cartRoutes(dependencies: CartDependencies): Route[] {
  const { database, carts, userCarts } = dependencies;
  const common = { tag: 'Carts', access: 'shopper', replies: { 200: cartReplySchema } } as const;
  const limits = ['product_not_found', 'cart_quantity_limit', 'cart_line_limit'] as const;

  const reply = async (visitor: Visitor, lines: readonly CartLine[]): Promise<Reply> => ({
    status: 200,
    body: await cartReply(database, visitor.caller?.userId, lines),
  });
  const put = putLine(dependencies);

  const readRoute = defineRoute({
    ...common,
    id: 'readCart',
    method: 'get',
    path: '/cart',
    summary:
      "Read the cart of this session or, without a session, of the guest's token, with current prices " +
      'and stock.',
    schema: {},
    handle: async ({ visitor }) => {
      if (visitor.caller !== undefined) return reply(visitor, await userCarts.read(visitor.caller.userId));
      return reply(
        visitor,
        visitor.cartToken === undefined ? [] : await carts.read(guestCart(visitor.cartToken)),
      );
    },
  });

  const addRoute = defineRoute({
    ...common,
    id: 'addCartItem',
    method: 'post',
    path: '/cart/items',
    summary:
      'Add units of a product to the cart. Without a session and a cart token, creates a guest cart and ' +
      'returns its token.',
    schema: { body: z.strictObject({ productId: requestedIdSchema, quantity: quantitySchema }) },
    replyHeaders: ['Set-Cookie', CART_TOKEN_HEADER],
    problems: limits,
    handle: ({ visitor, body }) => put(visitor, 'add', body),
  });

  const setRoute = defineRoute({
    ...common,
    id: 'setCartItem',
    method: 'put',
    path: '/cart/items/:productId',
    summary: 'Set the number of units of a product in the cart.',
    schema: { path: itemPath, body: z.strictObject({ quantity: quantitySchema }) },
    replyHeaders: ['Set-Cookie', CART_TOKEN_HEADER],
    problems: limits,
    handle: ({ visitor, path, body }) => put(visitor, 'set', { ...path, ...body }),
  });

  const removeRoute = defineRoute({
    ...common,
    id: 'removeCartItem',
    method: 'delete',
    path: '/cart/items/:productId',
    summary: 'Remove a product from the cart, if it is there.',
    replyHeaders: ['Set-Cookie', CART_TOKEN_HEADER],
    schema: { path: itemPath },
    handle: async ({ visitor, path }) => {
      const cart = await openCart(userCarts, visitor);
      const left = cart === undefined ? undefined : await carts.remove(cart, path.productId);
      const answer = await reply(visitor, left ?? []);
      const { caller, cartToken } = visitor;
      if (left === undefined || caller !== undefined || cartToken === undefined) return answer;
      return { ...answer, headers: guestHeaders(cartToken, dependencies.cookieSecure) };
    },
  });

  const clearRoute = defineRoute({
    ...common,
    id: 'emptyCart',
    method: 'delete',
    path: '/cart',
    summary: 'Empty the cart.',
    replies: { 204: null },
    schema: {},
    handle: async ({ visitor }) => {
      const cart = await openCart(userCarts, visitor);
      if (cart !== undefined) await carts.clear(cart);
      return { status: 204 };
    },
  });

  return [readRoute, addRoute, setRoute, removeRoute, clearRoute];
}

/**
 * The cart to change, after removing lines that are already ordered. Undefined for a guest without a cart.
 */
async function openCart(userCarts: UserCarts, { caller, cartToken }: Visitor): Promise<Cart | undefined> {
  if (caller === undefined) return cartToken === undefined ? undefined : guestCart(cartToken);
  await userCarts.settle(caller.userId);
  return userCart(caller.userId);
}

function putLine({ database, carts, userCarts, newCartLimit, cookieSecure: secure }: CartDependencies) {
  return async (visitor: Visitor, how: 'add' | 'set', line: CartLine): Promise<Reply | Problem> => {
    const [product] = await findProductsOnSale(database.read, [line.productId]);
    if (product === undefined) return problem('product_not_found', { extra: { productId: line.productId } });

    const cart = await openCart(userCarts, visitor);
    let token = visitor.cartToken;
    let change: CartChange = cart === undefined ? { code: 'unknown' } : await carts[how](cart, line);
    if (change.code === 'unknown') {
      const limit = newCartLimit?.consume(visitor.address);
      if (limit?.isAllowed === false) {
        return problem('rate_limited', {
          detail: 'Too many new carts from this address. Retry-After says when to try again.',
          retryAfterS: Math.ceil(limit.resetMs / 1000),
        });
      }
      // Never create a cart under the request's token: another party may have chosen it.
      token = newCartToken();
      change = await carts[how](guestCart(token), line, { mayCreate: true });
    }
    switch (change.code) {
      case 'changed': {
        const userId = visitor.caller?.userId;
        return {
          status: 200,
          headers: userId === undefined && token !== undefined ? guestHeaders(token, secure) : {},
          body: await cartReply(database, userId, change.lines),
        };
      }
      case 'quantity_limit':
        return problem('cart_quantity_limit', {
          extra: { productId: line.productId, quantity: change.held, limit: CART_QUANTITY_MAX },
        });
      case 'line_limit':
        return problem('cart_line_limit', { extra: { limit: CART_LINES_MAX } });
      case 'unknown':
        throw new Error('a new cart was not created');
    }
  };
}

/** Every change extends the cookie's life as it extends the cart's. */
function guestHeaders(token: string, secure: boolean): Record<string, string> {
  const { ttlS } = guestCart(token);
  return {
    [CART_TOKEN_HEADER]: token,
    'Set-Cookie': tokenCookie(cartCookieName(secure), token, { maxAgeS: ttlS, secure }),
  };
}
