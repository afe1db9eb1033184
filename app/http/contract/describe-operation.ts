import type { Route } from './route.ts';

const access: Readonly<Record<Route['access'], string>> = {
  anyone: 'Needs no session.',
  shopper: "Needs a session, a guest's cart token, or neither: then it begins a guest's cart.",
  user: 'Needs a session.',
  viewer: 'Needs the session of an admin: a viewer, an operator or an owner.',
  operator: 'Needs the session of an admin who is an operator or an owner.',
  owner: 'Needs the session of an admin who is an owner.',
};

const limits: Readonly<Record<NonNullable<Route['rateLimit']>, string>> = {
  none: 'Has no rate limit.',
  auth: 'Has a stricter rate limit than other requests, per address.',
  status: 'Has a rate limit of its own.',
};

const keys = {
  required:
    'Happens once per `Idempotency-Key`: the same request with the same key gets the first response again, ' +
    'marked with `Idempotent-Replayed: true`.',
  optional:
    'With an `Idempotency-Key` it happens once: the same request with the same key gets the first response ' +
    'again, marked with `Idempotent-Replayed: true`.',
} as const;

/** What a client must bring and may expect, from the same settings that the route is enforced by. */
export function describeOperation(route: Route): string {
  const sentences = [
    access[route.access],
    ...(route.idempotencyKey === undefined ? [] : [keys[route.idempotencyKey]]),
    ...(route.ifMatch === undefined ? [] : ['Changes only the version that `If-Match` names.']),
    ...(route.rateLimit === undefined ? [] : [limits[route.rateLimit]]),
  ];
  return sentences.join(' ');
}
