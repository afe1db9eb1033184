import type { LaneCodec } from '../platform/lane/lane-protocol.ts';
import type { OrderRequest } from './evaluate-orders.ts';
import type { Order } from './order.ts';
import type { PlacedOrder } from './place-orders.ts';

type WiredRequest = readonly [
  orderId: string,
  userId: string,
  idempotencyKey: string,
  requestHash: string,
  lines: readonly (readonly [productId: string, quantity: number])[],
  expectedTotalKrw: number | null,
  userCouponId: string | null,
  walletVersion: number | null,
];

type WiredPlaced = readonly [
  replayed: boolean,
  orderId: string,
  userId: string,
  status: Order['status'],
  items: readonly (readonly [string, string, number, number, number, number])[],
  subtotalKrw: number,
  discountKrw: number,
  totalKrw: number,
  userCouponId: string | null,
  balanceAfterKrw: number,
  balanceSeq: number,
  createdAtMs: number,
];

/** A rejection travels as an object, a placed order as an array. */
type Rejected = Exclude<PlacedOrder, { code: 'placed' }>;

/**
 * Orders on their way to another process of the machine. Arrays by position: names would be half of the text.
 */
export const orderCodec: LaneCodec<OrderRequest, PlacedOrder> = {
  encodeRequest: (request): WiredRequest => [
    request.orderId,
    request.userId,
    request.idempotencyKey,
    request.requestHash.toString('base64'),
    request.lines.map(({ productId, quantity }) => [productId, quantity]),
    request.expectedTotalKrw ?? null,
    request.userCouponId ?? null,
    request.fromCart?.walletVersion ?? null,
  ],
  decodeRequest: (value) => {
    if (!isWiredRequest(value)) throw new Error('this is no order');
    const [orderId, userId, idempotencyKey, hash, lines, expected, coupon, walletVersion] = value;
    return {
      orderId,
      userId,
      idempotencyKey,
      requestHash: Buffer.from(hash, 'base64'),
      lines: lines.map(([productId, quantity]) => ({ productId, quantity })),
      expectedTotalKrw: expected ?? undefined,
      userCouponId: coupon ?? undefined,
      ...(walletVersion === null ? {} : { fromCart: { walletVersion } }),
    };
  },
  encodeResult: (result): WiredPlaced | Rejected =>
    result.code === 'placed' ? encodePlaced(result.order, result.replayed) : result,
  decodeResult: (value) =>
    Array.isArray(value) ? decodePlaced(value as unknown as WiredPlaced) : decodeRejected(value as Rejected),
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
const isFrom = (min: number, value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= min;

/** The database would round half a unit, and cut what is no id: such an order must not come so far. */
function isWiredRequest(value: unknown): value is WiredRequest {
  if (!Array.isArray(value)) return false;
  const [orderId, userId, key, hash, lines, expected, coupon, walletVersion] = value as unknown[];
  const isLine = (line: unknown): boolean => Array.isArray(line) && isUuid(line[0]) && isFrom(1, line[1]);
  return (
    isUuid(orderId) &&
    isUuid(userId) &&
    typeof key === 'string' &&
    typeof hash === 'string' &&
    Array.isArray(lines) &&
    lines.length > 0 &&
    lines.every(isLine) &&
    (expected === null || isFrom(0, expected)) &&
    (coupon === null || isUuid(coupon)) &&
    (walletVersion === null || isFrom(0, walletVersion))
  );
}

function encodePlaced(order: Order, replayed: boolean): WiredPlaced {
  return [
    replayed,
    order.orderId,
    order.userId,
    order.status,
    order.items.map((item) => [
      item.productId,
      item.productName,
      item.unitPriceKrw,
      item.quantity,
      item.stockAfter,
      item.stockSeq,
    ]),
    order.subtotalKrw,
    order.discountKrw,
    order.totalKrw,
    order.userCouponId ?? null,
    order.balanceAfterKrw,
    order.balanceSeq,
    order.createdAt.getTime(),
  ];
}

function decodePlaced(placed: WiredPlaced): PlacedOrder {
  const [replayed, orderId, userId, status, items, subtotalKrw, discountKrw, totalKrw, ...rest] = placed;
  const [userCouponId, balanceAfterKrw, balanceSeq, createdAtMs] = rest;
  return {
    code: 'placed',
    replayed,
    order: {
      orderId,
      userId,
      status,
      items: items.map(([productId, productName, unitPriceKrw, quantity, stockAfter, stockSeq]) => ({
        productId,
        productName,
        unitPriceKrw,
        quantity,
        stockAfter,
        stockSeq,
      })),
      subtotalKrw,
      discountKrw,
      totalKrw,
      userCouponId: userCouponId ?? undefined,
      balanceAfterKrw,
      balanceSeq,
      createdAt: new Date(createdAtMs),
    },
  };
}

/** JSON has made texts of the times of a sale. */
function decodeRejected(rejected: Rejected): Rejected {
  if (rejected.code !== 'sale_not_open') return rejected;
  return rejected.reason === 'ended'
    ? { ...rejected, saleUntil: new Date(rejected.saleUntil) }
    : { ...rejected, saleFrom: new Date(rejected.saleFrom) };
}
