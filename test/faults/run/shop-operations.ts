import { createHash } from 'node:crypto';
import { UndocumentedReply } from '../../support/http/expect-documented.ts';
import { httpClient, type HttpReply } from '../../support/shop/http-client.ts';
import type { InvokeLine, OperationKind, Requests } from '../history/history-line.ts';
import type { HistoryWriter } from '../history/write-history.ts';
import type { Shopper } from './fault-shop.ts';

/** One thing that a client wants. It may take many attempts, which share the key. */
export interface Operation<Kind extends OperationKind = OperationKind> {
  readonly kind: Kind;
  readonly key: string;
  readonly shopper: Shopper;
  readonly request: Requests[Kind];
  /** Sent without the Idempotency-Key that it needs. */
  readonly isKeyless: boolean;
  /** Attempts so far. */
  attempts: number;
  /** Outcome as the client knows it: an acknowledgement is final. */
  outcome: Outcome | undefined;
  /**
   * Time when the last attempt with an unknown outcome ended. Undefined once an attempt that began after it
   * was acknowledged.
   */
  unknownSinceMs: number | undefined;
}

export type Outcome =
  | {
      readonly type: 'ok';
      readonly response: unknown;
      /** Version in its ETag, if it has one. */
      readonly version?: number;
    }
  | { readonly type: 'fail'; readonly code: string; readonly response: unknown }
  | { readonly type: 'unknown' };

export interface ShopOperations {
  /** Every operation so far, in the order in which they began. */
  readonly all: readonly Operation[];
  begin<Kind extends OperationKind>(
    kind: Kind,
    details: { shopper: Shopper; request: Requests[Kind]; key: string; isKeyless?: boolean },
  ): Operation<Kind>;
  /**
   * One attempt at the API of this address, written to the history. Never throws. A definite outcome is
   * final: of two attempts at once, the first answer decides what the client does next.
   */
  attempt(operation: Operation, at: { url: string; client: number; timeoutMs: number }): Promise<Outcome>;
  /** A request outside the history: carts, pages, pictures. Undefined without an answer. */
  ask(
    shopper: Shopper | undefined,
    at: { url: string; timeoutMs: number },
    request: { method: string; path: string; body?: unknown },
  ): Promise<HttpReply | undefined>;
}

/**
 * Records requests to the shop and their answers. Complains of answers that the shop's own document does not
 * contain.
 */
export function shopOperations(
  history: Pick<HistoryWriter, 'write'>,
  nowMs: () => number,
  complain: (what: string) => void,
): ShopOperations {
  const all: Operation[] = [];
  let op = 0;

  const send = async (
    operation: Operation,
    at: { url: string; client: number; timeoutMs: number },
  ): Promise<Outcome> => {
    op += 1;
    const own = op;
    operation.attempts += 1;
    const { kind, key, shopper, request, isKeyless } = operation;
    const { method, path, body, headers } = requestOf(operation);
    history.write({
      type: 'invoke',
      op: own,
      client: at.client,
      attempt: operation.attempts,
      atMs: nowMs(),
      kind,
      key,
      bodyHash: createHash('sha256')
        .update(JSON.stringify([path, body]))
        .digest('hex')
        .slice(0, 16),
      user: shopper.userId,
      request,
      ...(isKeyless && { isKeyless }),
    } as InvokeLine);
    try {
      const options = {
        body,
        timeoutMs: at.timeoutMs,
        ...(headers && { headers }),
        ...(isKeyed(kind) && !isKeyless ? { key } : {}),
      };
      const reply = await httpClient(at.url, shopper.token).request(method, path, options);
      const { status } = reply;
      const code = codeOf(reply);
      if (status >= 200 && status < 300) {
        const replayed = reply.headers.get('idempotent-replayed') === 'true';
        const reported = { response: reply.body, ...versionOf(reply) };
        history.write({ type: 'ok', op: own, atMs: nowMs(), status, ...reported, replayed });
        return { type: 'ok', ...reported };
      }
      // Of the other answers, only a refusal proves that nothing was done.
      if (status >= 400 && status < 500 && code !== undefined) {
        history.write({ type: 'fail', op: own, atMs: nowMs(), status, code, response: reply.body });
        return { type: 'fail', code, response: reply.body };
      }
      history.write({ type: 'unknown', op: own, atMs: nowMs(), why: `${status} ${code ?? ''}`.trim() });
    } catch (error) {
      if (error instanceof UndocumentedReply) complain(error.message);
      const why = reasonOf(error);
      if (why === 'ECONNREFUSED') {
        history.write({ type: 'fail', op: own, atMs: nowMs(), status: 0, code: why });
        return { type: 'fail', code: why, response: undefined };
      }
      history.write({ type: 'unknown', op: own, atMs: nowMs(), why });
    }
    return { type: 'unknown' };
  };

  return {
    all,
    begin: (kind, { shopper, request, key, isKeyless = false }) => {
      const operation = {
        kind,
        key,
        shopper,
        request,
        isKeyless,
        attempts: 0,
        outcome: undefined,
        unknownSinceMs: undefined,
      };
      all.push(operation);
      return operation;
    },
    attempt: async (operation, at) => {
      const fromMs = nowMs();
      const outcome = await send(operation, at);
      if (outcome.type === 'unknown') operation.unknownSinceMs = nowMs();
      else if (fromMs >= (operation.unknownSinceMs ?? 0) && outcome.type === 'ok')
        operation.unknownSinceMs = undefined;
      operation.outcome = laterOutcome(operation.outcome, outcome);
      return outcome;
    },
    ask: async (shopper, { url, timeoutMs }, { method, path, body }) => {
      try {
        return await httpClient(url, shopper?.token).request(method, path, { body, timeoutMs });
      } catch (error) {
        if (error instanceof UndocumentedReply) complain(error.message);
        return undefined;
      }
    },
  };
}

/**
 * True if the operation may have been done but its outcome is unknown: it must be repeated at the end. True
 * also after a refusal: the attempt without an answer may have been in progress then.
 */
export function isOpen({ kind, unknownSinceMs }: Operation): boolean {
  return unknownSinceMs !== undefined && !CHANGES_EACH_TIME.has(kind);
}

/** Each repetition of these operations would change something again. */
const CHANGES_EACH_TIME: ReadonlySet<OperationKind> = new Set([
  'edit-product',
  'edit-coupon',
  'set-cart-line',
  'add-cart-line',
  'remove-cart-line',
  'clear-cart',
] as const);

/** Codes that say nothing about the operation, only that this attempt did not reach it. */
const NOT_REACHED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'unauthenticated']);

function isRefusal(outcome: Outcome): outcome is Extract<Outcome, { type: 'fail' }> {
  return outcome.type === 'fail' && !NOT_REACHED.has(outcome.code);
}

/**
 * An acknowledgement is final. An attempt that did not reach the shop leaves an earlier unknown outcome
 * unknown. A refusal settles it, because it was decided after the earlier attempt's effect.
 */
function laterOutcome(before: Outcome | undefined, next: Outcome): Outcome {
  if (before?.type === 'ok') return before;
  if (before?.type === 'unknown' && next.type === 'fail' && !isRefusal(next)) return before;
  return next;
}

/** True if operations of this kind send a key, under which their answer is replayed. */
export function isKeyed(kind: OperationKind): boolean {
  return KEYED.has(kind);
}

const KEYED: ReadonlySet<OperationKind> = new Set([
  'order',
  'cancel',
  'charge',
  'adjust-stock',
  'admin-cancel',
  'create-product',
  'create-coupon',
] as const);

function requestOf({ kind, request }: Operation): {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
} {
  // begin() ensures that each kind has its own type of request.
  switch (kind) {
    case 'order':
      return { method: 'POST', path: '/orders', body: request };
    case 'cancel':
      return { method: 'POST', path: `/orders/${(request as Requests['cancel']).orderId}/cancel` };
    case 'charge':
      return { method: 'POST', path: '/me/balance/charges', body: request };
    case 'claim-coupon':
      return { method: 'POST', path: `/coupons/${(request as Requests['claim-coupon']).couponId}/issue` };
    case 'adjust-stock': {
      const { productId, ...body } = request as Requests['adjust-stock'];
      return { method: 'POST', path: `/admin/products/${productId}/stock-adjustments`, body };
    }
    case 'read-balance':
      return { method: 'GET', path: '/me/balance' };
    case 'find-order': {
      const { orderKey } = request as Requests['find-order'];
      return { method: 'GET', path: `/orders?key=${encodeURIComponent(orderKey)}` };
    }
    case 'edit-product': {
      const { productId, version, priceKrw: price, ...terms } = request as Requests['edit-product'];
      return {
        method: 'PUT',
        path: `/admin/products/${productId}`,
        body: { ...terms, price, description: '' },
        headers: seenVersion(version),
      };
    }
    case 'read-product':
      return { method: 'GET', path: `/admin/products/${(request as Requests['read-product']).productId}` };
    case 'create-product':
      return { method: 'POST', path: '/admin/products', body: request };
    case 'create-coupon':
      return { method: 'POST', path: '/admin/coupons', body: request };
    case 'edit-coupon': {
      const { couponId, version, ...body } = request as Requests['edit-coupon'];
      return { method: 'PUT', path: `/admin/coupons/${couponId}`, body, headers: seenVersion(version) };
    }
    case 'stop-coupon':
      return { method: 'POST', path: `/admin/coupons/${(request as Requests['stop-coupon']).couponId}/stop` };
    case 'read-coupon':
      return { method: 'GET', path: `/admin/coupons/${(request as Requests['read-coupon']).couponId}` };
    case 'admin-cancel': {
      const { orderId, ...body } = request as Requests['admin-cancel'];
      return { method: 'POST', path: `/admin/orders/${orderId}/cancel`, body };
    }
    case 'set-cart-line': {
      const { productId, quantity } = request as Requests['set-cart-line'];
      return { method: 'PUT', path: `/cart/items/${productId}`, body: { quantity } };
    }
    case 'add-cart-line':
      return { method: 'POST', path: '/cart/items', body: request };
    case 'remove-cart-line':
      return { method: 'DELETE', path: `/cart/items/${(request as Requests['remove-cart-line']).productId}` };
    case 'clear-cart':
      return { method: 'DELETE', path: '/cart' };
    case 'read-cart':
      return { method: 'GET', path: '/cart' };
  }
}

function seenVersion(version: number | null): Record<string, string> {
  return version === null ? {} : { 'If-Match': `"v${version}"` };
}

function versionOf({ headers }: HttpReply): { readonly version?: number } {
  const [, digits] = headers.get('etag')?.match(/^"v(\d+)"$/) ?? [];
  return digits === undefined ? {} : { version: Number(digits) };
}

function codeOf({ body }: HttpReply): string | undefined {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (error.name === 'TimeoutError') return 'timeout';
  return cause?.code ?? cause?.message ?? error.message;
}
