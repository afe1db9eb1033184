import { CART_TOKEN_HEADER } from './cookie-names.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const textHeader = (description: string): Json => ({ description, schema: { type: 'string' } });

/** Headers of success answers that a route names itself: with `Route.replyHeaders`. */
const ofRoutes = {
  ETag: textHeader('Names this version, for `If-None-Match` and `If-Match`.'),
  Location: textHeader('Where it is.'),
  'Set-Cookie': textHeader('For browsers.'),
  [CART_TOKEN_HEADER]: textHeader("The token of this guest's cart, to be sent along under the same name."),
} as const satisfies Readonly<Record<string, Json>>;

export type ReplyHeader = 'ETag' | 'Location' | 'Set-Cookie' | typeof CART_TOKEN_HEADER;

/** Headers that follow from the kind of route or from the status. */
const general = {
  'X-Request-Id': { ...textHeader('Name it when you ask for help.'), required: true },
  'Retry-After': { description: 'Seconds.', required: true, schema: { type: 'integer' } },
  'WWW-Authenticate': { ...textHeader('`Bearer`.'), required: true },
  'Idempotent-Replayed': textHeader('`true` when the same request with the same key was answered before.'),
  'RateLimit-Policy': textHeader('The limit: `q` requests in `w` seconds.'),
  RateLimit: textHeader('Where the caller stands: `r` requests left, `t` seconds until there are all again.'),
} as const satisfies Readonly<Record<string, Json>>;

/** For `components.headers`, which `documentHeaders` refers to. */
export const headerComponents: Json = { ...general, ...ofRoutes };

/**
 * Every header of a route's answers with this status that a client may rely on. Left out is what HTTP itself and browsers
 * go by: Content-Type, Cache-Control, security headers.
 */
export function documentHeaders(route: Route, status: number): Json {
  const names: (keyof typeof general | ReplyHeader)[] = ['X-Request-Id'];
  if (status < 400) {
    names.push(...(route.replyHeaders ?? []));
    if (route.idempotencyKey !== undefined) names.push('Idempotent-Replayed');
  }
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 429 || status === 503) names.push('Retry-After');
  // By address only a refusal says it; see rate-guard.ts.
  const isByAddress = route.access === 'anyone' && route.rateLimit === undefined;
  if (route.rateLimit !== 'none' && (!isByAddress || status === 429)) {
    names.push('RateLimit-Policy', 'RateLimit');
  }
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
