import { pause } from '../../../app/platform/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { OperationKind, ProductTerms, Requests } from '../history/history-line.ts';
import type { FaultShop, Shopper } from './fault-shop.ts';
import {
  type Drawer,
  drawer,
  expectedTotal,
  type Known,
  type KnownProducts,
  type Memory,
  otherRequest,
} from './shop-draws.ts';
import { type Operation, type Outcome, type ShopOperations } from './shop-operations.ts';

export interface WorkloadOptions {
  readonly seed: number;
  readonly shop: FaultShop;
  readonly operations: ShopOperations;
  /** Where clients reach the two APIs. */
  readonly urls: readonly [string, string];
}

export interface Workload {
  /** Nothing new is begun; resolves when what is under way has been answered or given up. */
  stop(): Promise<void>;
}

const CLIENTS = 14;
/** Between two things that a client does. */
const THINK_MAX_MS = 30;
/** How often a client asks before it leaves the matter to the end of the run. */
const ATTEMPTS_MAX = 4;
const RETRY_MAX_MS = 150;
const PATIENCE_MS = { normal: [1000, 2500], short: [60, 400] } as const;

/** How often each comes, in hundredths. */
const KINDS: readonly (readonly [OperationKind | 'cart-order' | 'full-cart', number])[] = [
  ['order', 43],
  ['cart-order', 11],
  ['cancel', 11],
  ['charge', 9],
  ['claim-coupon', 8],
  ['adjust-stock', 5],
  ['edit-product', 4],
  ['read-balance', 3],
  ['find-order', 3],
  ['remove-cart-line', 1],
  ['clear-cart', 1],
  ['read-cart', 0.9],
  ['full-cart', 0.1],
];
/** What only an admin may do; now and then a customer tries. */
const ADMIN: ReadonlySet<string> = new Set(['adjust-stock', 'edit-product']);
const TRESPASS_PERCENT = 2;
const KEYLESS_PERCENT = 1;
/** Cancellations under the key of another one. */
const USED_KEY_PERCENT = 8;

/** How a client goes about it, in hundredths. */
const MANNERS = [
  /** Waits for the answer and asks again when there is none. */
  ['patient', 64],
  /** Does not wait long, and asks the other process while the first one is still at work. */
  ['impatient', 8],
  /** Sends it to both processes at once. */
  ['both', 10],
  /** Asks once more although it has been told. */
  ['again', 7],
  /** Sends something else under the same key. */
  ['other-body', 5],
  /** Looks at the balance right after the answer. */
  ['read', 6],
  /** Uses the same key for a charge, and somebody else uses it as well. */
  ['key-elsewhere', 4],
] as const;

type Manner = (typeof MANNERS)[number][0];

/**
 * Clients who buy, cancel, charge, claim and adjust until they are stopped. All draws follow from the seed; what comes
 * of them does not, for it depends on who is faster.
 */
export function startWorkload(options: WorkloadOptions): Workload {
  const stopping = new AbortController();
  const memories = new Map<string, Memory>(
    options.shop.customers.map(({ userId }) => {
      const userCouponIds = [...(options.shop.issued.get(userId) ?? [])];
      return [userId, { orderIds: [], orderKeys: [], cancelKeys: [], userCouponIds }];
    }),
  );
  const products: KnownProducts = new Map(
    options.shop.before.products.map(({ productId, terms }) => [productId, { ...terms, version: 1 }]),
  );
  const everybodys = { orderIds: [], userCouponIds: [...options.shop.issued.values()].flat() };
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    runClient({ ...options, client, memories, products, everybodys, stopping: stopping.signal }),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

interface ClientOptions extends WorkloadOptions {
  readonly client: number;
  readonly memories: ReadonlyMap<string, Memory>;
  readonly products: KnownProducts;
  readonly everybodys: Known['everybodys'];
  readonly stopping: AbortSignal;
}

async function runClient(options: ClientOptions): Promise<void> {
  const { seed, client, shop, stopping } = options;
  const random = seededRandom(seed * 1000 + client);
  const draw = drawer(random);
  for (let count = 0; !stopping.aborted; count += 1) {
    const wanted = draw.weighted(KINDS);
    const mayNot = draw.percent(TRESPASS_PERCENT);
    const shopper = ADMIN.has(wanted) && !mayNot ? shop.admin : draw.oneOf(shop.customers);
    const manner = draw.weighted(MANNERS);
    const key = `s${seed}-c${client}-${count}`;
    // Two devices of one customer, each with draws of its own: which is faster does not follow from the seed.
    const devices = draw.percent(35) ? [draw, drawer(seededRandom(draw.between(0, 1_000_000)))] : [draw];
    if (wanted === 'cart-order') {
      await Promise.all(
        devices.map((each, index) =>
          buyCart(options, { shopper, draw: each, manner, key: `${key}-${index}` }),
        ),
      );
    } else if (wanted === 'full-cart') await overfillCart(options, { shopper, draw, key });
    else await doOne(options, { kind: wanted, shopper, draw, manner, key });
    await pause(random() * THINK_MAX_MS, stopping);
  }
}

/** One thing that a client does. */
interface Deed {
  readonly shopper: Shopper;
  readonly draw: Drawer;
  readonly key: string;
  readonly manner: Manner;
}

async function doOne(
  options: ClientOptions,
  { kind, shopper, draw, manner, key }: Deed & { readonly kind: OperationKind },
): Promise<void> {
  const { operations } = options;
  if (kind === 'edit-product' && shopper === options.shop.admin && draw.percent(70)) {
    // An edit names the version that it has seen; without a look it may have seen an old one.
    const request = draw.request('read-product', knownOf(options, shopper)) as Requests['read-product'];
    await quickly(options, draw, operations.begin('read-product', { shopper, request, key: `${key}-look` }));
  }
  const known = knownOf(options, shopper);
  const request = draw.request(kind, known);
  if (request === undefined) return;
  const usedKeys = known.memory.cancelKeys;
  const isUsedKey = kind === 'cancel' && usedKeys.length > 0 && draw.percent(USED_KEY_PERCENT);
  const isKeyless = NEEDS_KEY.has(kind) && draw.percent(KEYLESS_PERCENT);
  const operation = operations.begin(kind, {
    shopper,
    request,
    key: isUsedKey ? draw.oneOf(usedKeys) : isKeyless ? `${key}-none` : key,
    isKeyless,
  });
  await carryOut(options, operation, manner, draw);
  remember(options, operation);
}

const NEEDS_KEY: ReadonlySet<OperationKind> = new Set(['order', 'cancel', 'charge'] as const);

const nothing: Memory = { orderIds: [], orderKeys: [], cancelKeys: [], userCouponIds: [] };

function knownOf({ shop, products, everybodys, memories }: ClientOptions, shopper: Shopper): Known {
  return { shop, products, everybodys, memory: memories.get(shopper.userId) ?? nothing };
}

/** Fills the cart, may look at it, orders what is in it, and when it cannot be had puts something back. */
async function buyCart(options: ClientOptions, { shopper, draw, manner, key }: Deed): Promise<void> {
  const { operations } = options;
  const act = (kind: OperationKind, name: string) => {
    const request = draw.request(kind, knownOf(options, shopper)) as never;
    return quickly(options, draw, operations.begin(kind, { shopper, request, key: `${key}-${name}` }));
  };
  for (let line = draw.percent(8) ? 0 : draw.between(1, 2); line > 0; line -= 1) {
    await act(draw.percent(60) ? 'set-cart-line' : 'add-cart-line', `line${line}`);
  }
  const seen = draw.percent(40) ? await act('read-cart', 'look') : undefined;
  const subtotal = seen?.type === 'ok' ? (seen.response as { subtotal: number }).subtotal : undefined;
  const expected = subtotal === undefined ? {} : { expectedTotal: expectedTotal(draw, subtotal) };
  const request = { fromCart: true as const, ...expected };
  const operation = operations.begin('order', { shopper, request, key });
  await carryOut(options, operation, manner, draw);
  remember(options, operation);
  if (operation.outcome?.type !== 'fail' || operation.outcome.code === 'cart_empty') return;
  if (draw.percent(60)) await act('clear-cart', 'clear');
  else await act('remove-cart-line', 'remove');
}

/** As many products as there are, which is more than a cart has lines. */
async function overfillCart(
  options: ClientOptions,
  { shopper, draw, key }: Omit<Deed, 'manner'>,
): Promise<void> {
  const { shop, operations } = options;
  for (const [index, productId] of [...shop.productIds, ...shop.shelfIds].entries()) {
    if (options.stopping.aborted) break;
    const request = { productId, quantity: 1 };
    await quickly(
      options,
      draw,
      operations.begin('add-cart-line', { shopper, request, key: `${key}-${index}` }),
    );
  }
  await quickly(options, draw, operations.begin('clear-cart', { shopper, request: {}, key: `${key}-clear` }));
}

/** Asks once, and takes what comes. */
async function quickly(options: ClientOptions, draw: Drawer, operation: Operation): Promise<Outcome> {
  const { urls, client } = options;
  const at = { url: draw.oneOf(urls), client, timeoutMs: draw.between(...PATIENCE_MS.normal) };
  const outcome = await options.operations.attempt(operation, at);
  if (outcome.type === 'fail' && outcome.code === 'unauthenticated') await logIn(options, operation.shopper);
  remember(options, operation);
  return outcome;
}

async function carryOut(
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

  if (manner === 'both' && operation.kind === 'cancel' && draw.between(0, 1) === 0) {
    // Two keys for one order, at once: one of them gets it.
    const { shopper, request, key } = operation as Operation<'cancel'>;
    const rival = operations.begin('cancel', { shopper, request, key: `${key}-rival` });
    await Promise.all([send(operation, patienceMs()), send(rival, patienceMs())]);
  } else if (manner === 'both')
    await Promise.all([send(operation, patienceMs()), send(operation, patienceMs())]);
  else await send(operation, manner === 'impatient' ? draw.between(...PATIENCE_MS.short) : patienceMs());
  if (manner === 'again') await send(operation, patienceMs());
  // Refreshed at the other process: what was acknowledged is seen there as well.
  if (manner === 'read') {
    const { shopper, key } = operation;
    await send(operations.begin('read-balance', { shopper, request: {}, key: `${key}-read` }), patienceMs());
  }
  if (manner === 'key-elsewhere' && operation.shopper !== options.shop.admin) {
    // The scope of a key is its customer and what it is for.
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
  if (manner === 'other-body' && operation.kind === 'cancel') {
    // The same order under another key.
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

/** Also when no attempt has got to the shop: a customer tries again. */
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
    // Redis is away; a later attempt finds it again.
    await pause(RETRY_MAX_MS, stopping);
  }
}

function remember({ memories, products, everybodys }: ClientOptions, operation: Operation): void {
  const { kind, key, outcome, shopper } = operation;
  const memory = memories.get(shopper.userId) ?? nothing;
  const told = outcome?.type === 'ok' || outcome?.type === 'fail' ? (outcome.response as Told) : undefined;
  if (kind === 'order') memory.orderKeys.push(key);
  if (kind === 'cancel') memory.cancelKeys.push(key);
  if (outcome?.type === 'ok' && kind === 'order' && told?.id !== undefined) {
    memory.orderIds.push(told.id);
    everybodys.orderIds.push(told.id);
  }
  if (outcome?.type === 'ok' && (kind === 'edit-product' || kind === 'read-product')) {
    const { id, version, name, price, status, purchaseLimit } = told as Told & ProductReply;
    products.set(String(id), { version, name, priceKrw: price, status, purchaseLimit });
  }
  if (kind !== 'claim-coupon') return;
  const inHand = outcome?.type === 'ok' ? told?.id : told?.userCouponId;
  if (inHand === undefined || memory.userCouponIds.includes(inHand)) return;
  memory.userCouponIds.push(inHand);
  everybodys.userCouponIds.push(inHand);
}

interface Told {
  readonly id?: string;
  readonly userCouponId?: string;
}

type ProductReply = Omit<ProductTerms, 'priceKrw'> & { readonly price: number; readonly version: number };
