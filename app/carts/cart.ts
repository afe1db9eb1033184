import { hash, randomBytes } from 'node:crypto';

/** Units of one product in a cart, and in a line of it at most. */
export const CART_QUANTITY_MAX = 99;
/** Products in a cart. */
export const CART_LINES_MAX = 50;

const DAY_S = 24 * 60 * 60;
const USER_TTL_S = 30 * DAY_S;
const GUEST_TTL_S = 7 * DAY_S;
const TOKEN_BYTES = 32;

export interface CartLine {
  readonly productId: string;
  /** 1–99. */
  readonly quantity: number;
}

/** Where a cart is. */
export interface Cart {
  readonly key: string;
  /** It goes this long after its last change. */
  readonly ttlS: number;
  /** A user's cart is there as soon as something is put in; a guest's only under a token that we have made. */
  readonly guestId: string | undefined;
}

/** The hash tag keeps what belongs to one user's cart in one slot of a cluster, where one script may have it all. */
export function userCart(userId: string): Cart {
  return { key: `cart:{${userId}}`, ttlS: USER_TTL_S, guestId: undefined };
}

/** By the SHA-256 of the token, so that a dump of Redis opens no cart. */
export function guestCart(token: string): Cart {
  return guestCartOf(hash('sha256', token, 'base64url'));
}

export function guestCartOf(guestId: string): Cart {
  return { key: `cart:guest:{${guestId}}`, ttlS: GUEST_TTL_S, guestId };
}

/** 256 random bits as 43 characters. */
export function newCartToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}
