import { randomBytes } from 'node:crypto';
import type { Route } from '../../../app/http/contract/route.ts';
import type { RouteRequest } from '../../support/http/expect-refused.ts';
import type { RouteSamples } from '../../support/http/route-samples.ts';
import { routeName } from '../../support/http/route-surface.ts';

/** A unique secret that a search finds wherever it ends up. It has a token's length and characters. */
export function canary(): string {
  return `canary${randomBytes(28).toString('base64url').slice(0, 37)}`;
}

/** Headers in which clients carry secrets. `X-Request-Id` is excluded: it is meant to appear in the log. */
const headersWithSecrets = [
  'Authorization',
  'Proxy-Authorization',
  'Cookie',
  'Cart-Token',
  'X-Api-Key',
  'X-Auth-Token',
  'X-Amz-Security-Token',
  'X-Csrf-Token',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Origin',
  'Referer',
  'User-Agent',
  'X-Forwarded-For',
  'X-Rowlock-Key-Id',
];

/**
 * Requests to a route without a session, each with secrets in another place. `plant` creates a secret and
 * records it.
 */
export function requestsWithSecrets(
  route: Route,
  samples: RouteSamples,
  plant: () => string,
): RouteRequest[] {
  const target = samples.target(route);
  const sample = samples.bodies[routeName(route)] as Record<string, unknown> | undefined;
  const right = { route, target, ...(sample === undefined ? {} : { body: samples.bodyText(route) }) };
  const valueFor = (name: string) =>
    name === 'Cookie' ? `rowlock_session=${plant()}; rowlock_cart=${plant()}; a=${plant()}` : plant();
  const bodies = [
    `{"password":"${plant()}"`,
    JSON.stringify({ password: plant(), token: [plant()], nested: { a: plant() } }),
    JSON.stringify(plant()),
    ...bodiesWithSecret(sample, plant),
  ];
  return [
    ...headersWithSecrets.map((name) => ({ ...right, headers: { [name]: valueFor(name) } })),
    { ...right, headers: { Authorization: `Bearer ${plant()}` } },
    { ...right, headers: { Authorization: `Basic ${plant()}` } },
    ...['token', 'password', 'cursor', 'key', 'q', plant()].map((name) => ({
      ...right,
      target: `${target}?${name}=${plant()}`,
    })),
    ...[
      `/${plant()}${target}`,
      `${target}/${plant()}`,
      `http://user:${plant()}@shop${target}`,
      `http://user:a@${plant()}@shop${target}`,
    ].map((other) => ({ route, target: other })),
    ...(route.method === 'get' ? [] : bodies.map((body) => ({ route, target, body }))),
  ];
}

/** Copies of the sample with a secret in place of one field's value, for each field. */
export function bodiesWithSecret(
  sample: Readonly<Record<string, unknown>> | undefined,
  plant: () => string,
): string[] {
  return Object.keys(sample ?? {}).map((field) => JSON.stringify({ ...sample, [field]: plant() }));
}
