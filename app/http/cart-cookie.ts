/** A guest's cart is known by its token: in this cookie for browsers, in this header for other clients. */
export const CART_TOKEN_HEADER = 'Cart-Token';

/** With the prefix where it can work, as the session's cookie has it. */
export function cartCookieName(secure: boolean): string {
  return secure ? '__Host-rowlock_cart' : 'rowlock_cart';
}

/** A Set-Cookie value that keeps `token` for `maxAgeS` seconds. */
export function cartCookie(token: string, options: { maxAgeS: number; secure: boolean }): string {
  const attributes = `Path=/; Max-Age=${options.maxAgeS}; HttpOnly; SameSite=Lax`;
  return `${cartCookieName(options.secure)}=${token}; ${attributes}${options.secure ? '; Secure' : ''}`;
}
