import type { BeginLine, InvokeLine, Requests } from '../history/history-line.ts';
import type { FinalState, StoredItem } from './final-state.ts';
import { createdThings, isAskedFor } from './created-things.ts';
import { nameOf, refundName } from './operations.ts';

/** What an operation has left in the database. */
export interface Effect {
  /** The row it is stored in. */
  readonly source: string;
  /** Fields of the body, with their values, that the answer must contain. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** True if the effect is the one that this request asks for. */
  readonly isOf: (invoke: InvokeLine) => boolean;
}

interface EffectSources {
  readonly begin: BeginLine;
  readonly state: FinalState;
  readonly itemsByOrder: ReadonlyMap<string, readonly StoredItem[]>;
}

/** Effects of each operation that has left any, by `operationName`. */
export function effectsByOperation(sources: EffectSources): Map<string, Effect[]> {
  const named = [
    ...orderEffects(sources),
    ...walletEffects(sources),
    ...adjustmentEffects(sources),
    ...claimEffects(sources),
    ...creationEffects(sources),
  ];
  const byName = Map.groupBy(named, ({ name }) => name);
  return new Map([...byName].map(([name, members]) => [name, members.map(({ effect }) => effect)]));
}

interface NamedEffect {
  readonly name: string;
  readonly effect: Effect;
}

function orderEffects({ state, itemsByOrder }: EffectSources): NamedEffect[] {
  return state.orders.map((order) => {
    const items = itemsByOrder.get(order.orderId) ?? [];
    const units = unitsByProduct(items);
    return {
      name: nameOf('order', order.userId, order.key),
      effect: {
        source: `order ${order.orderId}`,
        answer: {
          id: order.orderId,
          status: 'COMPLETED',
          items: items.map(({ productId, unitPriceKrw, quantity, stockSeq }) => {
            return { productId, unitPrice: unitPriceKrw, quantity, stockSeq };
          }),
          subtotal: order.subtotalKrw,
          discount: order.discountKrw,
          total: order.totalKrw,
          userCouponId: order.userCouponId,
          balanceAfter: order.balanceAfterKrw,
          balanceSeq: order.balanceSeq,
          createdAt: new Date(order.createdAtMs).toISOString(),
        },
        isOf: ({ request }) => {
          const asked = request as Requests['order'];
          return (
            (asked.items === undefined || unitsByProduct(asked.items) === units) &&
            (asked.expectedTotal === undefined || asked.expectedTotal === order.totalKrw) &&
            (asked.userCouponId ?? null) === order.userCouponId
          );
        },
      },
    };
  });
}

/** Lines of the same product are merged. */
function unitsByProduct(items: readonly { readonly productId: string; readonly quantity: number }[]): string {
  const units = new Map<string, number>();
  for (const { productId, quantity } of items) units.set(productId, (units.get(productId) ?? 0) + quantity);
  return [...units]
    .map(([productId, quantity]) => `${productId} ${quantity}`)
    .toSorted()
    .join();
}

/** The reason of an admin's cancellation, as stored with the restocks. */
function adminReason({ reason }: Requests['admin-cancel']): string {
  return `cancelled by an admin: ${reason}`;
}

function walletEffects({ state }: EffectSources): NamedEffect[] {
  const restocks = state.stockEntries.filter(({ kind }) => kind === 'RESTOCK');
  const reasons = new Map(restocks.map(({ orderId, reason }) => [orderId, reason]));
  return state.walletEntries.flatMap((entry): NamedEffect[] => {
    const { userId, key, seq, kind, amountKrw, balanceAfterKrw, orderId } = entry;
    const source = `${kind} ${userId} ${seq}`;
    const place = { balanceAfter: balanceAfterKrw, balanceSeq: seq };
    switch (kind) {
      case 'PAYMENT':
        return [];
      case 'CHARGE':
        return [
          {
            name: nameOf('charge', userId, key),
            effect: {
              source,
              answer: { amount: amountKrw, ...place },
              isOf: ({ request }) => (request as Requests['charge']).amount === amountKrw,
            },
          },
        ];
      case 'REFUND':
        return [
          {
            name: refundName(entry),
            effect: {
              source,
              answer: { id: orderId, status: 'CANCELLED', refund: amountKrw, ...place },
              isOf: ({ kind: asked, request }) =>
                (request as Requests['cancel']).orderId === orderId &&
                (asked !== 'admin-cancel' || reasons.get(orderId) === adminReason(request)),
            },
          },
        ];
    }
  });
}

function adjustmentEffects({ state }: EffectSources): NamedEffect[] {
  return state.stockEntries
    .filter(({ kind }) => kind === 'ADJUSTMENT')
    .map(({ productId, key, seq, delta, quantityAfter, reason }) => ({
      name: nameOf('adjust-stock', productId, key),
      effect: {
        source: `adjustment ${productId} ${seq}`,
        answer: { productId, delta, stock: quantityAfter, stockSeq: seq },
        isOf: ({ request }) => {
          const asked = request as Requests['adjust-stock'];
          return asked.delta === delta && asked.reason === reason;
        },
      },
    }));
}

/** Coupons claimed during the history, without those that users already had when it began. */
function claimEffects({ begin, state }: EffectSources): NamedEffect[] {
  const earlier = userCouponsAtBegin(begin, state);
  const claimed = state.userCoupons.filter(({ userCouponId }) => !earlier.has(userCouponId));
  return claimed.map(({ userCouponId, couponId, userId }) => ({
    name: nameOf('claim-coupon', userId, couponId),
    effect: {
      source: `coupon ${userCouponId}`,
      answer: { id: userCouponId, couponId, status: 'ISSUED' },
      isOf: () => true,
    },
  }));
}

/** Ids are ordered by time, so the first ones of a coupon are those from before the history. */
function userCouponsAtBegin({ shop }: BeginLine, state: FinalState): ReadonlySet<string> {
  return new Set(
    shop.coupons.flatMap(({ couponId, issuedCount }) =>
      state.userCoupons
        .filter((coupon) => coupon.couponId === couponId)
        .slice(0, issuedCount)
        .map(({ userCouponId }) => userCouponId),
    ),
  );
}

function creationEffects(sources: EffectSources): NamedEffect[] {
  return createdThings(sources).map((thing) => ({
    name: thing.operation,
    effect: {
      source: `${thing.kind === 'create-product' ? 'product' : 'coupon'} ${thing.id}`,
      answer: { id: thing.id },
      isOf: ({ request }) => isAskedFor(thing, request),
    },
  }));
}
