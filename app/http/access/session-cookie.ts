import { sessionCookieName } from '../contract/cookie-names.ts';

/** A Set-Cookie value that keeps `token` for `maxAgeS` seconds; an empty token with 0 removes it. */
export function sessionCookie(token: string, options: { maxAgeS: number; secure: boolean }): string {
  const attributes = `Path=/; Max-Age=${options.maxAgeS}; HttpOnly; SameSite=Lax`;
  return `${sessionCookieName(options.secure)}=${token}; ${attributes}${options.secure ? '; Secure' : ''}`;
}
