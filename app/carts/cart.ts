import { hash, randomBytes } from 'node:crypto';

/** Maximum units per line. */
export const CART_QUANTITY_MAX = 99;
/** Maximum products per cart. */
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

/** The place of a cart in Redis. */
export interface Cart {
  readonly key: string;
  /** The cart expires this long after its last change. */
  readonly ttlS: number;
  /** Undefined for a user's cart, which any addition creates. Guest carts exist only under issued tokens. */
  readonly guestId: string | undefined;
}

/** The hash tag keeps all keys of a user's cart in one cluster slot, so that one script may use them. */
export function userCart(userId: string): Cart {
  return { key: `cart:{${userId}}`, ttlS: USER_TTL_S, guestId: undefined };
}

/** Keyed by the SHA-256 of the token, so that a dump of Redis opens no cart. */
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
