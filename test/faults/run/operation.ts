import type { OperationKind, Requests } from '../history/history-line.ts';
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
export function laterOutcome(before: Outcome | undefined, next: Outcome): Outcome {
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
