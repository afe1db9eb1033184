import type { FinalState, StoredItem } from './final-state.ts';

/**
 * What one user held after each change of the balance, by its number. Changes that touch no order are left
 * out.
 */
export interface HeldAt {
  readonly seq: number;
  /** The order that was placed or cancelled. */
  readonly orderId: string;
  readonly kind: 'PAYMENT' | 'REFUND';
  /** Units by product, in orders that were not cancelled, before and after it. */
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
}

/**
 * By user, what each order and cancellation made of the units that the user holds. A payment and a refund
 * each raise the balance's version, so that the ledger has the orders of a user in the order in which they
 * were committed.
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
