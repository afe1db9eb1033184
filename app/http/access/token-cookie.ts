import { stringifySetCookie } from 'cookie';

/** A Set-Cookie value that keeps a token for `maxAgeS` seconds; an empty token with 0 deletes the cookie. */
export function tokenCookie(
  name: string,
  token: string,
  { maxAgeS, secure }: { readonly maxAgeS: number; readonly secure: boolean },
): string {
  return stringifySetCookie({
    name,
    value: token,
    path: '/',
    maxAge: maxAgeS,
    httpOnly: true,
    sameSite: 'lax',
    secure,
  });
}
