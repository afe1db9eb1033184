import {
  type CouponDecision,
  type CouponRefusal,
  decideCoupon,
  type UserCouponState,
} from './decide-coupon.ts';
import { decideLine, type LineProduct, type LineRefusal, lineRefusals } from './decide-line.ts';

/**
 * The shop's rule: decides every order of a group from the rows that were read under the locks. Pure: no I/O,
 * no clock, no randomness, so the same input gives the same results in every process and on every retry.
 *
 * Orders are decided in order of arrival, each against what the orders accepted before it have left. Every
 * order gets exactly one result, and a rejected order changes nothing. If several reasons apply, the first in
 * this table wins:
 *
 * | precedence | result                    | when                                                           |
 * |-----------:|---------------------------|----------------------------------------------------------------|
 * | 1          | `replayed`                | the key was used for the same request: its order is returned   |
 * | 2          | `idempotency_key_reused`  | the key was used for another request                           |
 * | 3          | `cart_outdated`           | the wallet has changed since the cart was read                 |
 * | 4          | `product_not_found`       | a product is unknown, has no stock row, or is not on sale      |
 * | 5          | `sale_not_open`           | the sale of a product has not started, or has ended            |
 * | 6          | `purchase_limit_exceeded` | the customer would hold more units of a product than allowed   |
 * | 7          | `out_of_stock`            | fewer units are left than the order's lines of it add up to    |
 * | 8          | `coupon_not_usable`       | the coupon does not apply; decide-coupon.ts gives the reason   |
 * | 9          | `price_changed`           | the total differs from the one that the client expected        |
 * | 10         | `insufficient_balance`    | the balance is below the total                                 |
 * | 11         | `accepted`                | none of the above                                              |
 *
 * decide-line.ts decides 4 to 7; within each, the refusal names the product that comes first in the
 * order. Coupons come after products, which determine the subtotal, and before the total, which coupons
 * change.
 */
export function evaluateOrders(snapshot: OrderSnapshot, requests: readonly OrderRequest[]): Evaluation {
  const state: State = {
    products: snapshot.products,
    stock: new Map(snapshot.stock),
    wallets: new Map(snapshot.wallets),
    earlier: new Map(snapshot.earlier),
    unitsHeld: new Map(snapshot.unitsHeld),
    userCoupons: new Map(snapshot.userCoupons),
    at: snapshot.at,
  };
  const results = requests.map((request) => evaluateAlone(state, request));
  return { results, stock: state.stock, wallets: state.wallets };
}

export interface OrderLine {
  readonly productId: string;
  readonly quantity: number;
}

export interface OrderRequest {
  /** The id that the order gets if accepted. */
  readonly orderId: string;
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  readonly lines: readonly OrderLine[];
  readonly expectedTotalKrw: number | undefined;
  /** The customer's coupon to apply. */
  readonly userCouponId: string | undefined;
  /** Present if the lines come from the customer's cart, one per product. The order removes them from it. */
  readonly fromCart?: {
    /** The wallet's version, read before the cart. Every order that removes lines from the cart raises it. */
    readonly walletVersion: number;
  };
}

export interface StockState {
  readonly quantity: number;
  readonly version: number;
}

export interface WalletState {
  readonly balanceKrw: number;
  readonly version: number;
}

export interface ProductState extends LineProduct {
  readonly name: string;
  readonly priceKrw: number;
}

/** An order that was placed under an idempotency key. */
export interface EarlierOrder {
  readonly orderId: string;
  readonly requestHash: Buffer;
}

/** The rows that were read under the locks. */
export interface OrderSnapshot {
  /** Keyed by product id. */
  readonly products: ReadonlyMap<string, ProductState>;
  /** Keyed by product id. */
  readonly stock: ReadonlyMap<string, StockState>;
  /** Keyed by user id; contains every user of the requests. */
  readonly wallets: ReadonlyMap<string, WalletState>;
  /** Keyed by `pairKey(userId, idempotencyKey)`. */
  readonly earlier: ReadonlyMap<string, EarlierOrder>;
  /** Units in orders that are not cancelled, keyed by `pairKey(userId, productId)`. Limited products only. */
  readonly unitsHeld: ReadonlyMap<string, number>;
  /** Keyed by the id that a request names; coupons that do not exist are absent. */
  readonly userCoupons: ReadonlyMap<string, UserCouponState>;
  /**
   * The time of all orders of this group. Every run of the group takes a new time. If an earlier run was
   * committed after all, its orders are found by their keys before any coupon or sale is checked.
   */
  readonly at: Date;
}

/** Key for a user and one of their idempotency keys or a product. Neither part contains a space. */
export function pairKey(userId: string, other: string): string {
  return `${userId} ${other}`;
}

export interface AcceptedItem {
  readonly productId: string;
  readonly productName: string;
  readonly unitPriceKrw: number;
  readonly quantity: number;
  readonly stockAfter: number;
  readonly stockSeq: number;
}

export interface AcceptedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  /** One per product, in the order in which the request first names them. */
  readonly items: readonly AcceptedItem[];
  readonly subtotalKrw: number;
  readonly discountKrw: number;
  readonly totalKrw: number;
  readonly userCouponId: string | undefined;
  readonly balanceAfterKrw: number;
  readonly balanceSeq: number;
}

export type OrderResult =
  | { readonly code: 'accepted'; readonly order: AcceptedOrder }
  | { readonly code: 'replayed'; readonly orderId: string }
  | { readonly code: 'crashed'; readonly error: unknown }
  | Rejection;

export type Rejection =
  | { readonly code: 'idempotency_key_reused' | 'cart_outdated' }
  | (LineRefusal & { readonly productId: string })
  | CouponRefusal
  | { readonly code: 'price_changed'; readonly totalKrw: number }
  | { readonly code: 'insufficient_balance'; readonly balanceKrw: number; readonly totalKrw: number };

export interface Evaluation {
  /** One per request, in the same order. */
  readonly results: readonly OrderResult[];
  /** Stock and wallets after the accepted orders. An unchanged entry is the same object as before. */
  readonly stock: ReadonlyMap<string, StockState>;
  readonly wallets: ReadonlyMap<string, WalletState>;
}

interface State {
  readonly products: OrderSnapshot['products'];
  readonly stock: Map<string, StockState>;
  readonly wallets: Map<string, WalletState>;
  readonly earlier: Map<string, EarlierOrder>;
  readonly unitsHeld: Map<string, number>;
  readonly userCoupons: Map<string, UserCouponState>;
  readonly at: Date;
}

/** An order that throws changes nothing: `state` changes only after the whole order has been decided. */
function evaluateAlone(state: State, request: OrderRequest): OrderResult {
  try {
    return evaluateOrder(state, request);
  } catch (error) {
    return { code: 'crashed', error };
  }
}

function evaluateOrder(state: State, request: OrderRequest): OrderResult {
  const earlier = state.earlier.get(pairKey(request.userId, request.idempotencyKey));
  if (earlier !== undefined) {
    const isSame = earlier.requestHash.equals(request.requestHash);
    return isSame ? { code: 'replayed', orderId: earlier.orderId } : { code: 'idempotency_key_reused' };
  }
  const { fromCart } = request;
  if (fromCart !== undefined && fromCart.walletVersion !== state.wallets.get(request.userId)?.version) {
    return { code: 'cart_outdated' };
  }
  const lines = mergeLines(request.lines);
  const refusal = findRefusedLine(state, request.userId, lines);
  if (refusal !== undefined) return refusal;

  const items = lines.map((line) => itemOf(state, line));
  const subtotalKrw = items.reduce((sum, item) => sum + item.unitPriceKrw * item.quantity, 0);
  const coupon = discountOf(state, request, subtotalKrw);
  if (coupon.code !== 'discounted') return coupon;
  const { discountKrw } = coupon;
  const totalKrw = subtotalKrw - discountKrw;
  if (request.expectedTotalKrw !== undefined && request.expectedTotalKrw !== totalKrw) {
    return { code: 'price_changed', totalKrw };
  }
  const wallet = state.wallets.get(request.userId);
  if (wallet === undefined) throw new Error('the wallet of an order was not read');
  if (wallet.balanceKrw < totalKrw)
    return { code: 'insufficient_balance', balanceKrw: wallet.balanceKrw, totalKrw };

  const { orderId, userId, idempotencyKey, requestHash, userCouponId } = request;
  const balanceAfterKrw = wallet.balanceKrw - totalKrw;
  const balanceSeq = wallet.version + 1;
  const order = { orderId, userId, idempotencyKey, requestHash, userCouponId, items };
  accept(state, order, { balanceKrw: balanceAfterKrw, version: balanceSeq });
  return {
    code: 'accepted',
    order: { ...order, subtotalKrw, discountKrw, totalKrw, balanceAfterKrw, balanceSeq },
  };
}

function discountOf(
  state: State,
  { userId, userCouponId }: OrderRequest,
  subtotalKrw: number,
): CouponDecision {
  if (userCouponId === undefined) return { code: 'discounted', discountKrw: 0 };
  return decideCoupon(state.userCoupons.get(userCouponId), { userId, subtotalKrw, at: state.at });
}

/** Adds up lines of the same product: two lines of 3 units need 6 in stock. */
function mergeLines(lines: readonly OrderLine[]): OrderLine[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
}

/** Returns the refusal with the highest precedence; among equals, that of the first line. */
function findRefusedLine(state: State, userId: string, lines: readonly OrderLine[]): Rejection | undefined {
  let first: Extract<Rejection, LineRefusal> | undefined;
  for (const { productId, quantity } of lines) {
    const decision = decideLine(
      {
        product: state.products.get(productId),
        available: state.stock.get(productId)?.quantity,
        held: state.unitsHeld.get(pairKey(userId, productId)) ?? 0,
        at: state.at,
      },
      quantity,
    );
    if (decision.code === 'orderable') continue;
    if (first === undefined || lineRefusals.indexOf(decision.code) < lineRefusals.indexOf(first.code)) {
      first = { ...decision, productId };
    }
  }
  return first;
}

function itemOf(state: State, { productId, quantity }: OrderLine): AcceptedItem {
  const product = state.products.get(productId) as ProductState;
  const stock = state.stock.get(productId) as StockState;
  return {
    productId,
    productName: product.name,
    unitPriceKrw: product.priceKrw,
    quantity,
    stockAfter: stock.quantity - quantity,
    stockSeq: stock.version + 1,
  };
}

function accept(
  state: State,
  order: Pick<
    AcceptedOrder,
    'orderId' | 'userId' | 'idempotencyKey' | 'requestHash' | 'userCouponId' | 'items'
  >,
  wallet: WalletState,
): void {
  for (const { productId, quantity, stockAfter, stockSeq } of order.items) {
    state.stock.set(productId, { quantity: stockAfter, version: stockSeq });
    const held = pairKey(order.userId, productId);
    state.unitsHeld.set(held, (state.unitsHeld.get(held) ?? 0) + quantity);
  }
  const coupon = order.userCouponId && state.userCoupons.get(order.userCouponId);
  if (order.userCouponId && coupon) state.userCoupons.set(order.userCouponId, { ...coupon, status: 'USED' });
  state.wallets.set(order.userId, wallet);
  state.earlier.set(pairKey(order.userId, order.idempotencyKey), order);
}
