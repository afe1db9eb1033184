import type { EditedTerms, OperationKind, ProductTerms, Requests } from '../history/history-line.ts';
import { adminRequests, type KnownCoupons, otherAdminRequest, UNKNOWN_ID } from './admin-draws.ts';
import type { FaultShop } from './fault-shop.ts';
import type { Operation } from './operation.ts';
import { editedWindow, hasWindow, withoutBounds } from './sale-draws.ts';

/** What a customer has and knows, from any of their devices. */
export interface Memory {
  readonly orderIds: string[];
  readonly orderKeys: string[];
  readonly cancelKeys: string[];
  readonly userCouponIds: string[];
}

/** Products according to the last answers: may be out of date. */
export type KnownProducts = Map<string, ProductTerms & { readonly version: number }>;

/** Knowledge from which a request may be drawn. */
export interface Known {
  readonly shop: FaultShop;
  readonly memory: Memory;
  readonly products: KnownProducts;
  readonly coupons: KnownCoupons;
  /** Coupons and orders of all customers, for requests for another customer's. */
  readonly everybodys: Pick<Memory, 'orderIds' | 'userCouponIds'>;
}

export interface Drawer {
  /** A whole number, both bounds included. */
  between(min: number, max: number): number;
  /** True this often, per 100 calls. */
  percent(times: number): boolean;
  oneOf<T>(values: readonly T[]): T;
  weighted<T>(weights: readonly (readonly [T, number])[]): T;
  product(shop: FaultShop): string;
  /** Undefined if there is nothing to request. */
  request<Kind extends OperationKind>(kind: Kind, known: Known): Requests[Kind] | undefined;
}

const HOT_PERCENT = 45;
const SHELF_PERCENT = 3;
const UNKNOWN_PERCENT = 1;
const INVALID_PERCENT = 1;
/** Share of products that were created during the run. */
const ADDED_PERCENT = 6;
/** All draws follow from `random`. */
export function drawer(random: () => number): Drawer {
  const draw: Drawer = {
    between: (min, max) => min + Math.floor(random() * (max - min + 1)),
    percent: (times) => random() * 100 < times,
    oneOf: (values) => {
      const value = values[Math.floor(random() * values.length)];
      if (value === undefined) throw new Error('there is nothing to draw from');
      return value;
    },
    weighted: (weights) => {
      let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of weights) {
        left -= weight;
        if (left < 0) return value;
      }
      throw new Error('there is nothing to draw from');
    },
    product: ({ productIds, shelfIds }) => {
      if (draw.percent(HOT_PERCENT)) return productIds[0] as string;
      return draw.oneOf(draw.percent(SHELF_PERCENT) ? shelfIds : productIds);
    },
    request: (kind, known) => requests[kind](draw, known),
  };
  return draw;
}

export type Draw<Kind extends OperationKind> = (draw: Drawer, known: Known) => Requests[Kind] | undefined;

const requests: { readonly [Kind in OperationKind]: Draw<Kind> } = {
  ...adminRequests,
  order: (draw, known) => {
    const { products } = known;
    const lines = Array.from({ length: draw.between(1, 4) }, () => ({
      productId: someProduct(draw, known),
      quantity: draw.percent(INVALID_PERCENT) ? 0 : draw.between(1, 3),
    }));
    // Usually one line per product; sometimes two lines for one product.
    const items = draw.percent(15)
      ? lines
      : [...new Map(lines.map((line) => [line.productId, line])).values()];
    const userCouponId = draw.percent(40) ? someCoupon(draw, known) : undefined;
    const believed = items.reduce(
      (sum, { productId, quantity }) => sum + (products.get(productId)?.priceKrw ?? 0) * quantity,
      0,
    );
    return {
      items,
      ...(userCouponId !== undefined && { userCouponId }),
      // Customers know the total only without a coupon.
      ...(userCouponId === undefined && draw.percent(35) && { expectedTotal: expectedTotal(draw, believed) }),
    };
  },
  cancel: (draw, { memory: { orderIds }, everybodys }) => {
    if (draw.percent(UNKNOWN_PERCENT)) return { orderId: UNKNOWN_ID };
    if (draw.percent(2) && everybodys.orderIds.length > 0)
      return { orderId: draw.oneOf(everybodys.orderIds) };
    if (orderIds.length === 0) return undefined;
    // Usually one of the last orders, sometimes an order that is already cancelled.
    return { orderId: draw.percent(75) ? (orderIds.pop() as string) : draw.oneOf(orderIds) };
  },
  charge: (draw) => ({
    amount: draw.percent(INVALID_PERCENT * 2) ? draw.oneOf([0, 1_000_001]) : draw.between(1, 30) * 100,
  }),
  'claim-coupon': (draw, { coupons }) => ({
    couponId: draw.percent(UNKNOWN_PERCENT * 2) ? UNKNOWN_ID : draw.oneOf([...coupons.keys()]),
  }),
  'adjust-stock': (draw, known) => ({
    productId: someProduct(draw, known),
    delta: draw.percent(INVALID_PERCENT * 2) ? 0 : draw.oneOf([-400, -4, -1, 3, 6, 15]),
    reason: draw.oneOf(['counted', 'found', 'broken']),
  }),
  'read-balance': () => ({}),
  'find-order': (draw, { memory: { orderKeys } }) =>
    orderKeys.length === 0 ? undefined : { orderKey: draw.oneOf(orderKeys) },
  'edit-product': (draw, { products, shop }) => {
    if (draw.percent(UNKNOWN_PERCENT * 2)) return { ...unknownProduct, productId: UNKNOWN_ID, version: 1 };
    const added = addedProducts({ shop, products });
    const isAdded = added.length > 0 && draw.percent(15);
    const productId = draw.oneOf(isAdded ? added : shop.productIds);
    const known = products.get(productId);
    return known && { productId, ...editOf(draw, known, productId === shop.productIds[0]) };
  },
  'read-product': (draw, known) => ({ productId: someProduct(draw, known) }),
  'set-cart-line': (draw, known) => ({ productId: someProduct(draw, known), quantity: cartQuantity(draw) }),
  'add-cart-line': (draw, known) => ({ productId: someProduct(draw, known), quantity: cartQuantity(draw) }),
  'remove-cart-line': (draw, { shop }) => ({ productId: draw.product(shop) }),
  'clear-cart': () => ({}),
  'read-cart': () => ({}),
};

const unknownProduct: EditedTerms = { name: 'Nothing', priceKrw: 1, status: 'ACTIVE', purchaseLimit: null };

function someProduct(draw: Drawer, known: Known): string {
  if (draw.percent(UNKNOWN_PERCENT)) return UNKNOWN_ID;
  const added = addedProducts(known);
  return added.length > 0 && draw.percent(ADDED_PERCENT) ? draw.oneOf(added) : draw.product(known.shop);
}

/** Products that were created during the run. */
function addedProducts({ shop, products }: Pick<Known, 'shop' | 'products'>): string[] {
  return [...products.keys()].slice(shop.productIds.length + shop.shelfIds.length);
}

/** Usually the customer's own, whatever its state. */
function someCoupon(draw: Drawer, { memory, everybodys }: Known): string | undefined {
  if (draw.percent(UNKNOWN_PERCENT * 3)) return UNKNOWN_ID;
  const { userCouponIds } = draw.percent(10) ? everybodys : memory;
  // The latest is usable more often than the others.
  return draw.percent(30)
    ? userCouponIds.at(-1)
    : userCouponIds.length === 0
      ? undefined
      : draw.oneOf(userCouponIds);
}

/** The total that the customer believes, or a little less or more. */
export function expectedTotal(draw: Drawer, believedKrw: number): number {
  return draw.weighted([
    [believedKrw, 60],
    [Math.max(0, believedKrw - draw.between(1, 40)), 20],
    [believedKrw + draw.between(1, 40), 20],
  ]);
}

/** Units of a product with a purchase limit that a customer may buy once but not twice. */
export function halfOfALimit(draw: Drawer, { products }: Known): Requests['order'] | undefined {
  const limited = [...products].filter(
    ([, { purchaseLimit, status }]) => purchaseLimit !== null && status === 'ACTIVE',
  );
  if (limited.length === 0) return undefined;
  const [productId, { purchaseLimit }] = draw.oneOf(limited);
  return { items: [{ productId, quantity: Math.floor((purchaseLimit ?? 0) / 2) + 1 }] };
}

function cartQuantity(draw: Drawer): number {
  if (draw.percent(INVALID_PERCENT)) return 0;
  // Two of these are more than a line of a cart holds.
  return draw.percent(4) ? 60 : draw.between(1, 3);
}

/** Changes one field and keeps the others. A product off sale comes back first. */
function editOf(
  draw: Drawer,
  { version, ...terms }: ProductTerms & { readonly version: number },
  isHot: boolean,
): EditedTerms & { readonly version: number | null } {
  const named = draw.percent(2) ? null : version;
  if (draw.percent(6)) return { ...terms, priceKrw: -1, version: named };
  if (terms.status === 'INACTIVE') return { ...terms, status: 'ACTIVE', version: named };
  if (hasWindow(terms) && draw.percent(isHot ? 90 : 35)) {
    return { ...terms, saleFrom: null, saleUntil: null, version: named };
  }
  // Clients from before sales had windows leave both bounds out.
  const kept = draw.percent(30) ? withoutBounds(terms) : terms;
  switch (
    draw.weighted([
      ['price', 55],
      ['limit', 20],
      ['name', 10],
      ['off', isHot ? 4 : 25],
      ['window', isHot ? 6 : 40],
    ] as const)
  ) {
    case 'price':
      return { ...kept, priceKrw: Math.max(1, terms.priceKrw + draw.between(-40, 40)), version: named };
    case 'limit':
      return { ...kept, purchaseLimit: draw.percent(30) ? null : draw.between(2, 9), version: named };
    case 'name':
      return { ...kept, name: `${terms.name.split(',', 1)[0]}, edition ${version}`, version: named };
    case 'off':
      return { ...kept, status: 'INACTIVE', version: named };
    case 'window':
      return { ...editedWindow(draw, terms), version: named };
  }
}

/** A different request of the same kind; undefined if there is none. */
export function otherRequest(
  { kind, request }: Pick<Operation, 'kind' | 'request'>,
  draw: Drawer,
): Operation['request'] | undefined {
  switch (kind) {
    case 'charge':
      return { amount: (request as Requests['charge']).amount + 1 };
    case 'adjust-stock': {
      const { delta, ...rest } = request as Requests['adjust-stock'];
      return { ...rest, delta: delta + 100 };
    }
    case 'edit-product': {
      // Another edit of the version that this edit has seen.
      const edit = request as Requests['edit-product'];
      return { ...edit, priceKrw: edit.priceKrw + 1 };
    }
    case 'order': {
      const { items, ...rest } = request as Requests['order'];
      const { expectedTotal: total = 0 } = rest;
      if (items === undefined || draw.percent(30))
        return { ...rest, ...(items && { items }), expectedTotal: total + 1 };
      return { ...rest, items: items.map((item) => ({ ...item, quantity: item.quantity + 1 })) };
    }
    default:
      return otherAdminRequest({ kind, request });
  }
}
