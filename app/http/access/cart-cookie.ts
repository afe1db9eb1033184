import { cartCookieName } from '../contract/cookie-names.ts';

/** A Set-Cookie value that keeps `token` for `maxAgeS` seconds. */
export function cartCookie(token: string, options: { maxAgeS: number; secure: boolean }): string {
  const attributes = `Path=/; Max-Age=${options.maxAgeS}; HttpOnly; SameSite=Lax`;
  return `${cartCookieName(options.secure)}=${token}; ${attributes}${options.secure ? '; Secure' : ''}`;
}
