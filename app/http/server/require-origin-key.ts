import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { originKeyHeader } from '../../contract/origin-key-header.ts';
import { problem } from '../contract/problem.ts';
import { problemMessage } from './problem-message.ts';

/** Probes of the balancer and of Kubernetes do not come through CloudFront. */
const probePaths = new Set(['/healthz', '/readyz']);

const outcome = problem('forbidden', { detail: "Use the shop's own address." });

/**
 * Rejects requests that did not come through the shop's own distribution, before anything reads them: other
 * distributions have the same addresses. The time of a comparison does not depend on the key.
 */
export function requireOriginKey(
  keys: readonly string[] | undefined,
  newRequestId: () => string,
  next: RequestListener,
): RequestListener {
  if (keys === undefined) return next;
  const known = keys.map(hashOf);
  return (request, response) => {
    const { url = '' } = request;
    const given = hashOf(request.headers[originKeyHeader]?.toString() ?? '');
    if (known.some((key) => timingSafeEqual(key, given)) || probePaths.has(url)) {
      next(request, response);
      return;
    }
    const context = { path: url, requestId: newRequestId(), retryAfterS: 0 };
    const { status, headers, body } = problemMessage(outcome, context);
    response.writeHead(status, { ...headers, Connection: 'close' });
    response.end(body);
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
