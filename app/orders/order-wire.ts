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
    const [orderId, userId, idempotencyKey, hash, lines, expected, coupon, walletVersion] =
      value as WiredRequest;
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
