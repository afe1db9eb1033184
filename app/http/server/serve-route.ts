import type { Log } from '../../platform/observe/log.ts';
import { failureReason, OperationalError } from '../../platform/operational-error.ts';
import { admit, type AdmitOptions } from '../access/admit.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import { readJsonBody } from './read-json-body.ts';
import type { Reply, Route } from '../contract/route.ts';
import { sendProblem, sendReply } from './send-reply.ts';
import { validateRequest } from '../contract/validate-request.ts';

export interface ServeRouteOptions extends AdmitOptions {
  readonly log: Log;
}

/**
 * Serves a request by its route: admission, body, validation, handler, in this order, so that a rejected
 * caller costs no parsing. Never rejects. `path` holds the decoded path parameters.
 */
export async function serveRoute(
  route: Route,
  exchange: Exchange,
  path: unknown,
  options: ServeRouteOptions,
): Promise<void> {
  try {
    const outcome = await replyTo(route, exchange, path, options);
    if ('problem' in outcome) sendProblem(exchange, outcome);
    else sendReply(exchange, outcome);
  } catch (error) {
    // A reply that cannot be written ends here too.
    sendProblem(exchange, errorProblem(error, exchange, options.log));
  }
}

async function replyTo(
  route: Route,
  exchange: Exchange,
  path: unknown,
  options: AdmitOptions,
): Promise<Reply | Problem> {
  const admission = await admit(route, exchange, options);
  if ('problem' in admission) return admission;
  let body: unknown;
  if (route.method !== 'get') {
    const received = await readJsonBody(exchange.request);
    if ('problem' in received) return received;
    body = received.json;
    // A slow body must not use up the handler's time.
    exchange.deadline.refresh();
    // The client is gone or was already sent 408: do not execute the request.
    if (!exchange.request.socket.writable) return problem('request_timeout');
  }
  const validated = validateRequest(route, exchange, { path, body });
  if ('problem' in validated) return validated;
  const { caller, requestId } = exchange;
  return route.handle({ ...validated, caller, visitor: admission.visitor, requestId } as never);
}

/**
 * Operational failures carry their code. Anything else is a bug: it is logged in full and never shown to the
 * client.
 */
export function errorProblem(error: unknown, { requestId }: Exchange, log: Log): Problem {
  if (error instanceof OperationalError) {
    // Expected by the thousand under load and during outages: log the reason without a stack.
    log.warn('request_failed', { requestId, code: error.code, reason: failureReason(error) });
    return problem(error.code);
  }
  log.error('request_crashed', { requestId, error });
  return problem('internal_error');
}
