import { type ReadonlySignal, signal } from '@preact/signals';
import type { Answer, CallOptions } from '../../client/rowlock-client.ts';
import type { KeptValues } from '../../shared/kept-values.ts';

export type Order = Answer<'placeOrder'>;
export type OrderBody = NonNullable<CallOptions<'placeOrder'>['body']>;

/** One purchase under one key, from the click until its outcome is known. */
export interface Purchase {
  readonly key: string;
  readonly body: OrderBody;
  /** Whose purchase it is: another customer of this browser must not continue it. */
  readonly userId: string;
  /** Address of the view that shows the outcome. */
  readonly from: string;
}

/** An answer of the shop, or that none arrived. */
export type OrderAnswer =
  | { readonly code: 'ordered'; readonly order: Order; readonly isReplay: boolean }
  | { readonly code: 'refused'; readonly problem: Readonly<Record<string, unknown>> }
  | { readonly code: 'session' }
  | { readonly code: 'busy'; readonly retryAfterMs: number | undefined }
  | { readonly code: 'lost' };

export type PurchaseState =
  | { readonly step: 'none' }
  | { readonly step: 'sending'; readonly purchase: Purchase }
  /** Requested again with the same key, at `nextAt`. */
  | {
      readonly step: 'checking';
      readonly purchase: Purchase;
      readonly why: 'busy' | 'lost';
      readonly nextAt: number;
    }
  /** The shop did not answer any attempt. */
  | { readonly step: 'unknown'; readonly purchase: Purchase }
  | { readonly step: 'session'; readonly purchase: Purchase }
  | {
      readonly step: 'ordered';
      readonly purchase: Purchase;
      readonly order: Order;
      readonly isReplay: boolean;
    }
  | {
      readonly step: 'refused';
      readonly purchase: Purchase;
      readonly problem: Readonly<Record<string, unknown>>;
    };

export interface Purchases {
  readonly state: ReadonlySignal<PurchaseState>;
  /**
   * Begins a purchase, unless one is under way: a second click changes nothing. One whose outcome is unknown
   * goes first, because it may have been paid.
   */
  begin(wanted: Omit<Purchase, 'key'>): Promise<void>;
  /** Continues the purchase that this customer began in this tab, if its outcome is unknown. */
  resume(userId: string): Promise<void>;
  /** Forgets an outcome that the customer has read. */
  dismiss(): void;
}

export interface PurchasesOptions {
  readonly place: (purchase: Purchase) => Promise<OrderAnswer>;
  /** Outlives a reload of the tab. */
  readonly kept: KeptValues;
  readonly newKey: () => string;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

const KEPT = 'purchase';
const ATTEMPTS_MAX = 8;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 8000;

/**
 * Buys once. The key is kept before the first request, so that a reload continues the same purchase; it is
 * forgotten only when the shop has said how the purchase ended. A second click joins the first.
 */
export function createPurchases({ place, kept, newKey, nowMs, pause }: PurchasesOptions): Purchases {
  const state = signal<PurchaseState>({ step: 'none' });
  let isRunning = false;

  const run = async (purchase: Purchase): Promise<void> => {
    isRunning = true;
    state.value = { step: 'sending', purchase };
    try {
      state.value = await outcomeOf(purchase);
    } finally {
      isRunning = false;
    }
  };

  const outcomeOf = async (purchase: Purchase): Promise<PurchaseState> => {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const answer = await place(purchase);
      if (answer.code === 'session') return { step: 'session', purchase };
      if (answer.code === 'ordered' || answer.code === 'refused') {
        kept.write(KEPT, undefined);
        return answer.code === 'ordered'
          ? { step: 'ordered', purchase, order: answer.order, isReplay: answer.isReplay }
          : { step: 'refused', purchase, problem: answer.problem };
      }
      const asked = answer.code === 'busy' ? answer.retryAfterMs : undefined;
      const waitMs = asked ?? Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), PAUSE_MAX_MS);
      if (attempt === ATTEMPTS_MAX) break;
      state.value = { step: 'checking', purchase, why: answer.code, nextAt: nowMs() + waitMs };
      await pause(waitMs);
    }
    return { step: 'unknown', purchase };
  };

  return {
    state,
    async begin(wanted) {
      if (isRunning) return;
      const open = read(kept);
      const purchase = open?.userId === wanted.userId ? open : { key: newKey(), ...wanted };
      kept.write(KEPT, JSON.stringify(purchase));
      await run(purchase);
    },
    async resume(userId) {
      if (isRunning) return;
      const open = read(kept);
      if (open?.userId === userId) await run(open);
      else kept.write(KEPT, undefined);
    },
    dismiss() {
      if (!isRunning && read(kept) === undefined) state.value = { step: 'none' };
    },
  };
}

function read(kept: KeptValues): Purchase | undefined {
  const text = kept.read(KEPT);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Purchase;
  } catch {
    kept.write(KEPT, undefined);
    return undefined;
  }
}
