import type { FinalState, StoredItem } from './final-state.ts';

/**
 * Units that one user held after each change of the balance, by its number. Changes without an order are
 * omitted.
 */
export interface HeldAt {
  readonly seq: number;
  /** The order that was placed or cancelled. */
  readonly orderId: string;
  readonly kind: 'PAYMENT' | 'REFUND';
  /** Units by product in orders that were not cancelled, before and after the change. */
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
}

/**
 * Units held after each order and cancellation, by user. A payment and a refund each raise the balance's
 * version, so the ledger has a user's orders in commit order.
 */
export function unitsHeld(
  state: Pick<FinalState, 'walletEntries'>,
  itemsByOrder: ReadonlyMap<string, readonly StoredItem[]>,
): Map<string, readonly HeldAt[]> {
  return new Map(
    [...Map.groupBy(state.walletEntries, ({ userId }) => userId)].map(([userId, entries]) => {
      let before: ReadonlyMap<string, number> = new Map();
      const steps = entries
        .toSorted((a, b) => a.seq - b.seq)
        .flatMap(({ kind, orderId, seq }): HeldAt[] => {
          if (kind === 'CHARGE' || orderId === null) return [];
          const after = new Map(before);
          for (const { productId, quantity } of itemsByOrder.get(orderId) ?? []) {
            after.set(productId, (after.get(productId) ?? 0) + (kind === 'PAYMENT' ? quantity : -quantity));
          }
          const step = { seq, orderId, kind, before, after };
          before = after;
          return [step];
        });
      return [userId, steps];
    }),
  );
}

/** Units that the user held after this many changes of the balance. */
export function heldAfter(steps: readonly HeldAt[] | undefined, seq: number, productId: string): number {
  return steps?.findLast((step) => step.seq <= seq)?.after.get(productId) ?? 0;
}
