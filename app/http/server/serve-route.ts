import type { Log } from '../../platform/observe/log.ts';
import { failureReason, OperationalError } from '../../platform/operational-error.ts';
import { authGuard, type AdmitOptions, shopperOf, visitorOf } from '../access/admit.ts';
import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problem } from '../contract/problem.ts';
import { limitVisitor } from '../access/request-limits.ts';
import { readJsonBody } from './read-json-body.ts';
import type { Reply, Route, Visitor } from '../contract/route.ts';
import { sendProblem, sendReply } from './send-reply.ts';
import { validateRequest } from '../contract/validate-request.ts';

export interface ServeRouteOptions extends AdmitOptions {
  readonly log: Log;
}

/**
 * Answers a request by its route: authentication, body, validation and handler, in this order, so that a caller who may
 * not come in costs no parsing. Never rejects. `path` holds the parameters of the path, decoded.
 */
export async function serveRoute(
  route: Route,
  exchange: Exchange,
  path: unknown,
  options: ServeRouteOptions,
): Promise<void> {
  try {
    const outcome = await answerOf(route, exchange, path, options);
    if ('problem' in outcome) sendProblem(exchange, outcome);
    else sendReply(exchange, outcome);
  } catch (error) {
    // Also for a reply that cannot be written.
    sendProblem(exchange, errorProblem(error, exchange, options.log));
  }
}

async function answerOf(
  route: Route,
  exchange: Exchange,
  path: unknown,
  options: AdmitOptions,
): Promise<Reply | Problem> {
  let visitor: Visitor | undefined;
  if (route.access === 'anyone') {
    const limited = limitVisitor(route, exchange, options);
    const refusal = limited instanceof Promise ? await limited : limited;
    if (refusal !== undefined) return refusal;
  }
  if (route.readsVisitor === true) {
    const found = visitorOf(exchange.request, options);
    if ('problem' in found) return found;
    visitor = found;
  } else if (route.access === 'shopper') {
    const found = await shopperOf(route, exchange, options);
    if ('problem' in found) return found;
    visitor = found;
  } else if (route.access !== 'anyone') {
    const caller = await authGuard(route, exchange, options);
    if ('problem' in caller) return caller;
  }
  let body: unknown;
  if (route.method !== 'get') {
    const read = readJsonBody(exchange.request);
    const received = read instanceof Promise ? await read : read;
    if ('problem' in received) return received;
    body = received.json;
    // From the start again, for a request whose body took its time.
    exchange.deadline.refresh();
    // Its client has left, or been told by listen.ts that it did not come in time: it must not find it carried out then.
    if (!exchange.request.socket.writable) return problem('request_timeout');
  }
  const validated = validateRequest(route, exchange, { path, body });
  if ('problem' in validated) return validated;
  return route.handle({ ...validated, caller: exchange.caller, visitor } as never);
}

/** Operational failures have a code of their own; anything else is a bug, logged whole and told to nobody. */
export function errorProblem(error: unknown, { requestId }: Exchange, log: Log): Problem {
  if (error instanceof OperationalError) {
    // Expected under load and during a failure, by the thousand: what happened, without a stack.
    log.warn('request_failed', { requestId, code: error.code, reason: failureReason(error) });
    return problem(error.code);
  }
  log.error('request_crashed', { requestId, error });
  return problem('internal_error');
}
