import { CART_TOKEN_HEADER } from './cookie-names.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const textHeader = (description: string): Json => ({ description, schema: { type: 'string' } });

/** Headers of success replies that routes name in `Route.replyHeaders`. */
const ofRoutes = {
  ETag: textHeader('Names this version, for `If-None-Match` and `If-Match`.'),
  Location: textHeader('URL of the new resource.'),
  'Set-Cookie': textHeader('For browsers.'),
  [CART_TOKEN_HEADER]: textHeader("Token of this guest's cart. Send it back in the same header."),
} as const satisfies Readonly<Record<string, Json>>;

export type ReplyHeader = 'ETag' | 'Location' | 'Set-Cookie' | typeof CART_TOKEN_HEADER;

/** Headers that depend on the kind of route or on the status. */
const general = {
  'X-Request-Id': { ...textHeader('Id of this request, for support.'), required: true },
  'Retry-After': { description: 'Seconds.', required: true, schema: { type: 'integer' } },
  'WWW-Authenticate': { ...textHeader('`Bearer`.'), required: true },
  'Idempotent-Replayed': textHeader(
    '`true` when this response repeats that of an earlier request with the same key.',
  ),
  'RateLimit-Policy': textHeader('The limit: `q` requests in `w` seconds.'),
  RateLimit: textHeader('`r` requests left, `t` seconds until the window resets.'),
} as const satisfies Readonly<Record<string, Json>>;

/** For `components.headers`, which `documentHeaders` refers to. */
export const headerComponents: Json = { ...general, ...ofRoutes };

/**
 * The headers that a client may rely on in a route's responses with this status. Headers for HTTP and
 * browsers are not listed: Content-Type, Cache-Control, security headers.
 */
export function documentHeaders(route: Route, status: number): Json {
  const names: (keyof typeof general | ReplyHeader)[] = ['X-Request-Id'];
  if (status < 400) {
    names.push(...(route.replyHeaders ?? []));
    if (route.idempotencyKey !== undefined) names.push('Idempotent-Replayed');
  }
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 429 || status === 503) names.push('Retry-After');
  // Limits per address are stated only in rejections; see request-limits.ts.
  const isByAddress = route.access === 'anyone' && route.rateLimit === undefined;
  if (route.rateLimit !== 'none' && (!isByAddress || status === 429)) {
    names.push('RateLimit-Policy', 'RateLimit');
  }
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
