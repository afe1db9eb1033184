/**
 * The `__Host-` prefix makes a browser refuse the cookie unless it is Secure, host-only and for all paths. On
 * loopback HTTP that cannot work, so a plain name stands in there, and only there is it accepted.
 */
export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-rowlock_session' : 'rowlock_session';
}

/** A Set-Cookie value that keeps `token` for `maxAgeS` seconds; an empty token with 0 removes it. */
export function sessionCookie(token: string, options: { maxAgeS: number; secure: boolean }): string {
  const attributes = `Path=/; Max-Age=${options.maxAgeS}; HttpOnly; SameSite=Lax`;
  return `${sessionCookieName(options.secure)}=${token}; ${attributes}${options.secure ? '; Secure' : ''}`;
}
