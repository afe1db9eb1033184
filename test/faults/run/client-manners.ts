import { pause } from '../../../app/platform/load/pause.ts';
import type { CouponBody, CouponFields, ProductTerms, Requests } from '../history/history-line.ts';
import type { KnownCoupons } from './admin-draws.ts';
import type { FaultShop, Shopper } from './fault-shop.ts';
import {
  type Drawer,
  halfOfALimit,
  type Known,
  type KnownProducts,
  type Memory,
  otherRequest,
} from './shop-draws.ts';
import type { Operation, Outcome } from './operation.ts';
import type { ShopOperations } from './shop-operations.ts';

/**
 * How a client pursues an operation: how long it waits, which process it tries next, and what it remembers.
 */
export interface ClientOptions {
  readonly seed: number;
  readonly shop: FaultShop;
  readonly operations: ShopOperations;
  /** Addresses of the two APIs for clients. */
  readonly urls: readonly [string, string];
  readonly client: number;
  readonly memories: ReadonlyMap<string, Memory>;
  readonly products: KnownProducts;
  readonly coupons: KnownCoupons;
  readonly everybodys: Known['everybodys'];
  readonly stopping: AbortSignal;
}

/** Attempts of a client before it leaves the operation to the end of the run. */
const ATTEMPTS_MAX = 4;
const RETRY_MAX_MS = 150;
const PATIENCE_MS = { normal: [1000, 2500], short: [60, 400] } as const;

/** Manners of a client, with their weights. */
export const MANNERS = [
  /** Waits for the answer and retries if there is none. */
  ['patient', 51],
  /** Waits only briefly, and tries the other process while the first one is still working. */
  ['impatient', 8],
  /** Sends the request to both processes at once. */
  ['both', 10],
  /** Repeats a request that has already been answered. */
  ['again', 7],
  /** Sends a different request under the same key. */
  ['other-body', 5],
  /** Reads the balance at the other process right before and right after. */
  ['read', 6],
  /** Sends two more orders to the same process at once, which together pass a purchase limit. */
  ['twice', 8],
  /** Buys more than half of a purchase limit, cancels, and buys the same number again. */
  ['buy-back', 5],
  /** Uses the same key for a charge, and another customer uses it as well. */
  ['key-elsewhere', 4],
] as const;

export type Manner = (typeof MANNERS)[number][0];

/** One operation that a client performs. */
export interface Deed {
  readonly shopper: Shopper;
  readonly draw: Drawer;
  readonly key: string;
  readonly manner: Manner;
}

const nothing: Memory = { orderIds: [], orderKeys: [], cancelKeys: [], userCouponIds: [] };

export function knownOf(
  { shop, products, coupons, everybodys, memories }: ClientOptions,
  shopper: Shopper,
): Known {
  return { shop, products, coupons, everybodys, memory: memories.get(shopper.userId) ?? nothing };
}

/** Sends one request and accepts any outcome. */
export async function quickly(options: ClientOptions, draw: Drawer, operation: Operation): Promise<Outcome> {
  const { urls, client } = options;
  const at = { url: draw.oneOf(urls), client, timeoutMs: draw.between(...PATIENCE_MS.normal) };
  const outcome = await options.operations.attempt(operation, at);
  if (outcome.type === 'fail' && outcome.code === 'unauthenticated') await logIn(options, operation.shopper);
  remember(options, operation);
  return outcome;
}

export async function carryOut(
  options: ClientOptions,
  operation: Operation,
  manner: Manner,
  draw: Drawer,
): Promise<void> {
  const { operations, urls, client, stopping } = options;
  let place = draw.between(0, 1);
  const send = async (asked: Operation, timeoutMs: number): Promise<Outcome> => {
    place = 1 - place;
    const url = urls[place] as string;
    const outcome = await operations.attempt(asked, { url, client, timeoutMs });
    if (outcome.type === 'fail' && outcome.code === 'unauthenticated') await logIn(options, asked.shopper);
    return outcome;
  };
  const patienceMs = () => draw.between(...PATIENCE_MS.normal);
  const readBalance = (when: string) => {
    const { shopper, key } = operation;
    return send(
      operations.begin('read-balance', { shopper, request: {}, key: `${key}-${when}` }),
      patienceMs(),
    );
  };

  if (manner === 'read') await readBalance('before');
  if (manner === 'both' && operation.kind === 'cancel' && draw.between(0, 1) === 0) {
    // Two keys for the cancellation of one order, at once: one of them wins.
    const { shopper, request, key } = operation as Operation<'cancel'>;
    const rival = operations.begin('cancel', { shopper, request, key: `${key}-rival` });
    await Promise.all([send(operation, patienceMs()), send(rival, patienceMs())]);
  } else if (manner === 'twice' && operation.kind === 'order') {
    // The first request keeps the process busy; the other two wait and share a group.
    const { shopper, request, key } = operation as Operation<'order'>;
    const half = halfOfALimit(draw, knownOf(options, shopper)) ?? request;
    const twins = ['one', 'two'].map((name) =>
      operations.begin('order', { shopper, request: half, key: `${key}-${name}` }),
    );
    const url = draw.oneOf(urls);
    const toOne = (asked: Operation) => operations.attempt(asked, { url, client, timeoutMs: patienceMs() });
    await Promise.all([operation, ...twins].map(toOne));
    for (const twin of twins) remember(options, twin);
  } else if (manner === 'both')
    await Promise.all([send(operation, patienceMs()), send(operation, patienceMs())]);
  else await send(operation, manner === 'impatient' ? draw.between(...PATIENCE_MS.short) : patienceMs());
  if (manner === 'again') await send(operation, patienceMs());
  // At the same process as before, not that of the operation: it must show the change now.
  if (manner === 'read') await readBalance('after');
  if (manner === 'buy-back' && operation.kind === 'order') await buyBack(options, operation, send, draw);
  if (manner === 'key-elsewhere' && operation.shopper !== options.shop.admin) {
    // The scope of a key is its customer and its kind of operation.
    const { shopper, key } = operation;
    const others = [
      operations.begin('charge', { shopper, request: { amount: 100 }, key }),
      operations.begin('charge', {
        shopper: draw.oneOf(options.shop.customers),
        request: { amount: 200 },
        key,
      }),
    ];
    for (const other of others) await send(other, patienceMs());
  }
  if (manner === 'key-elsewhere' && operation.kind === 'create-coupon') {
    // A product under the key of a coupon: keys of two routes are independent.
    const { shopper, key } = operation;
    const request = draw.request('create-product', knownOf(options, shopper)) as Requests['create-product'];
    const other = operations.begin('create-product', { shopper, request, key });
    await send(other, patienceMs());
    remember(options, other);
  }
  if (manner === 'other-body' && operation.kind === 'cancel') {
    // Cancels the same order under another key.
    const { shopper, request, key } = operation as Operation<'cancel'>;
    await send(operations.begin('cancel', { shopper, request, key: `${key}-too` }), patienceMs());
  } else if (manner === 'other-body') {
    const other = otherRequest(operation, draw);
    if (other !== undefined) {
      const { kind, shopper, key } = operation;
      await send(operations.begin(kind, { shopper, request: other, key }), patienceMs());
    }
  }
  while (isUnsettled(operation) && operation.attempts < ATTEMPTS_MAX && !stopping.aborted) {
    await pause(draw.between(10, RETRY_MAX_MS), stopping);
    await send(operation, patienceMs());
  }
}

/**
 * Units of a cancelled order no longer count: if the limit had room for the first order, it has room for the
 * second.
 */
async function buyBack(
  options: ClientOptions,
  { shopper, key }: Operation,
  send: (asked: Operation, timeoutMs: number) => Promise<Outcome>,
  draw: Drawer,
): Promise<void> {
  const { operations } = options;
  const request = halfOfALimit(draw, knownOf(options, shopper));
  if (request === undefined) return;
  const buy = async (name: string): Promise<Outcome> => {
    const order = operations.begin('order', { shopper, request, key: `${key}-${name}` });
    const outcome = await send(order, draw.between(...PATIENCE_MS.normal));
    remember(options, order);
    return outcome;
  };
  const bought = await buy('buy');
  if (bought.type !== 'ok') return;
  const { id: orderId } = bought.response as { readonly id: string };
  const cancel = operations.begin('cancel', { shopper, request: { orderId }, key: `${key}-cancel` });
  const cancelled = await send(cancel, draw.between(...PATIENCE_MS.normal));
  remember(options, cancel);
  if (cancelled.type === 'ok') await buy('buy-back');
}

/** True also when no attempt reached the shop: the customer tries again. */
function isUnsettled(operation: Operation): boolean {
  const { outcome } = operation;
  const isUnheard =
    outcome?.type === 'fail' && (outcome.code === 'ECONNREFUSED' || outcome.code === 'unauthenticated');
  return outcome?.type === 'unknown' || isUnheard;
}

async function logIn({ shop, stopping }: ClientOptions, shopper: Shopper): Promise<void> {
  try {
    await shop.logIn(shopper);
  } catch {
    // Redis is unavailable; a later attempt logs in again.
    await pause(RETRY_MAX_MS, stopping);
  }
}

export function remember(options: ClientOptions, operation: Operation): void {
  const { memories, everybodys } = options;
  const { kind, key, outcome, shopper } = operation;
  const memory = memories.get(shopper.userId) ?? nothing;
  const told = outcome?.type === 'ok' || outcome?.type === 'fail' ? (outcome.response as Told) : undefined;
  if (kind === 'order') memory.orderKeys.push(key);
  // Stores only keys that have cancelled an order: to a later cancellation, each is the key of another order.
  if (kind === 'cancel' && outcome?.type === 'ok') memory.cancelKeys.push(key);
  if (outcome?.type === 'ok' && kind === 'order' && told?.id !== undefined) {
    memory.orderIds.push(told.id);
    everybodys.orderIds.push(told.id);
  }
  if (outcome?.type === 'ok') rememberGoods(options, operation, outcome);
  if (kind !== 'claim-coupon') return;
  const inHand = outcome?.type === 'ok' ? told?.id : told?.userCouponId;
  if (inHand === undefined || memory.userCouponIds.includes(inHand)) return;
  memory.userCouponIds.push(inHand);
  everybodys.userCouponIds.push(inHand);
}

/** Stores what an answer says about a product or a coupon. */
function rememberGoods(
  { products, coupons }: ClientOptions,
  { kind, request }: Operation,
  { response, version = 1 }: Extract<Outcome, { type: 'ok' }>,
): void {
  if (kind === 'edit-product' || kind === 'read-product') {
    const {
      id,
      price: priceKrw,
      name,
      status,
      purchaseLimit,
      saleFrom,
      saleUntil,
    } = response as ProductReply;
    products.set(id, { version, name, priceKrw, status, purchaseLimit, saleFrom, saleUntil });
  }
  if (kind === 'create-product') {
    const {
      name,
      price,
      purchaseLimit,
      saleFrom = null,
      saleUntil = null,
    } = request as Requests['create-product'];
    const { id } = response as ProductReply;
    // A replay may arrive long after the product was edited.
    if (products.has(id)) return;
    const terms = { name, priceKrw: price, status: 'ACTIVE' as const, purchaseLimit, saleFrom, saleUntil };
    products.set(id, { ...terms, version });
  }
  if (kind.endsWith('-coupon') && kind !== 'claim-coupon') {
    const { id, name, discount, quantity, minimumOrder, validFrom, validUntil, status, left } =
      response as CouponReply;
    if ((coupons.get(id)?.version ?? 0) > version) return;
    const body = { name, discount, quantity, minimumOrder, validFrom, validUntil };
    coupons.set(id, { ...body, status, left, version });
  }
}

interface Told {
  readonly id?: string;
  readonly userCouponId?: string;
}

type ProductReply = Omit<ProductTerms, 'priceKrw'> & { readonly id: string; readonly price: number };
type CouponReply = CouponBody & {
  readonly id: string;
  readonly status: CouponFields['status'];
  readonly left: number;
};
