import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { originKeyHeader } from '../../contract/origin-key-header.ts';
import { problem } from '../contract/problem.ts';
import type { Log } from '../../platform/observe/log.ts';
import { countToLog } from './count-to-log.ts';
import { problemMessage } from './problem-message.ts';
import { writeResponse } from './send-reply.ts';

/** Probes of the balancer and of Kubernetes do not come through CloudFront. */
const probePaths = new Set(['/healthz', '/readyz']);

const outcome = problem('forbidden', { detail: "Use the shop's own address." });

export interface RequireOriginKeyOptions {
  /** ORIGIN_KEYS; undefined accepts every request. */
  readonly keys: readonly string[] | undefined;
  readonly newRequestId: () => string;
  readonly log: Log;
}

/**
 * Rejects requests that did not come through the shop's own distribution, before anything reads them: other
 * distributions have the same addresses. The time of a comparison does not depend on the key. One log line
 * per second counts rejections: after a failed change of the key, every visitor is one.
 */
export function requireOriginKey(
  { keys, newRequestId, log }: RequireOriginKeyOptions,
  next: RequestListener,
): RequestListener {
  if (keys === undefined) return next;
  const known = keys.map(hashOf);
  const countOne = countToLog(log, 'origin_key_rejected', { code: outcome.problem });
  return (request, response) => {
    const { url = '' } = request;
    const given = hashOf(request.headers[originKeyHeader]?.toString() ?? '');
    if (known.some((key) => timingSafeEqual(key, given)) || probePaths.has(url)) {
      next(request, response);
      return;
    }
    countOne();
    const context = { path: url, requestId: newRequestId(), retryAfterS: 0 };
    const { status, headers, body } = problemMessage(outcome, context);
    writeResponse(response, status, { ...headers, Connection: 'close' }, body);
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
