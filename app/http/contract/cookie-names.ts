/** Header that carries a guest's cart token for clients without cookies. */
export const CART_TOKEN_HEADER = 'Cart-Token';

/**
 * Names of the session and cart cookies. Browsers refuse a `__Host-` cookie unless it is Secure, host-only
 * and set for all paths. Loopback HTTP cannot meet that, so the plain name is used there, and accepted only
 * there.
 */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-rowlock_session' : 'rowlock_session';
}

export function cartCookieName(secure: boolean): string {
  return secure ? '__Host-rowlock_cart' : 'rowlock_cart';
}
