import { pause } from '../../../app/platform/load/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { OperationKind, ProductTerms, Requests } from '../history/history-line.ts';
import { firstCoupons } from './admin-draws.ts';
import { type Drawer, drawer, expectedTotal, type KnownProducts, type Memory } from './shop-draws.ts';
import {
  type ClientOptions,
  carryOut,
  type Deed,
  knownOf,
  MANNERS,
  quickly,
  remember,
} from './client-manners.ts';
import type { Operation, Outcome } from './operation.ts';
import { AROUND_MS, nextEdge } from './sale-draws.ts';

export type WorkloadOptions = Pick<ClientOptions, 'seed' | 'shop' | 'operations' | 'urls'>;

export interface Workload {
  /** Starts nothing new; resolves when everything in progress has been answered or given up. */
  stop(): Promise<void>;
}

const CLIENTS = 14;
/** Longest pause between two operations of a client. */
const THINK_MAX_MS = 30;

/** Kinds of operations with their weights. */
const KINDS: readonly (readonly [OperationKind | 'cart-order' | 'full-cart', number])[] = [
  ['order', 41],
  ['cart-order', 11],
  ['cancel', 11],
  ['charge', 9],
  ['claim-coupon', 8],
  ['adjust-stock', 5],
  ['edit-product', 4],
  ['edit-coupon', 3.5],
  ['stop-coupon', 1.2],
  ['create-coupon', 1.5],
  ['create-product', 1.2],
  ['admin-cancel', 1.5],
  ['read-balance', 3],
  ['find-order', 3],
  ['remove-cart-line', 1],
  ['clear-cart', 1],
  ['read-cart', 0.5],
  ['full-cart', 0.8],
];
/** Operations reserved for admins; sometimes a customer tries one. */
const ADMIN: ReadonlySet<string> = new Set([
  'adjust-stock',
  'edit-product',
  'edit-coupon',
  'stop-coupon',
  'create-coupon',
  'create-product',
  'admin-cancel',
]);
const TRESPASS_PERCENT = 5;
const KEYLESS_PERCENT = 3;
/** Share of the cancellations that use another cancellation's key. */
const USED_KEY_PERCENT = 20;
/** Share of the claims that go to both processes at once: customers try every tab for a scarce coupon. */
const CLAIM_AT_BOTH_PERCENT = 30;
const FILLED_AT_ONCE = 6;

/**
 * Clients that buy, cancel, charge, claim and adjust until they are stopped. All draws follow from the seed.
 * The outcomes do not: they depend on which request is faster.
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
  const coupons = firstCoupons(options.shop);
  const everybodys = { orderIds: [], userCouponIds: [...options.shop.issued.values()].flat() };
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    runClient({ ...options, client, memories, products, coupons, everybodys, stopping: stopping.signal }),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

async function runClient(options: ClientOptions): Promise<void> {
  const { seed, client, shop, stopping } = options;
  const random = seededRandom(seed * 1000 + client);
  const draw = drawer(random);
  for (let count = 0; !stopping.aborted; count += 1) {
    const wanted = draw.weighted(KINDS);
    const mayNot = draw.percent(TRESPASS_PERCENT);
    const shopper = ADMIN.has(wanted) && !mayNot ? shop.admin : draw.oneOf(shop.customers);
    const atBoth = wanted === 'claim-coupon' && draw.percent(CLAIM_AT_BOTH_PERCENT);
    const manner = atBoth ? 'both' : draw.weighted(MANNERS);
    const key = `s${seed}-c${client}-${count}`;
    // Two devices of one customer, each with its own draws: the seed does not decide which is faster.
    const devices = draw.percent(35) ? [draw, drawer(seededRandom(draw.between(0, 1_000_000)))] : [draw];
    if (wanted === 'cart-order') {
      const deeds = devices.map((each, index) => ({ shopper, draw: each, manner, key: `${key}-${index}` }));
      const favourite = draw.product(shop);
      await Promise.all(deeds.map((deed) => fillCart(options, deed, favourite)));
      // Two devices order at once: one of them gets the cart's contents.
      await Promise.all(deeds.map((deed) => orderCart(options, deed)));
    } else if (wanted === 'full-cart') await overfillCart(options, { shopper, draw, key });
    else await doOne(options, { kind: wanted, shopper, draw, manner, key });
    await pause(random() * THINK_MAX_MS, stopping);
  }
}

async function doOne(
  options: ClientOptions,
  { kind, shopper, draw, manner, key }: Deed & { readonly kind: OperationKind },
): Promise<void> {
  const { operations } = options;
  const look = kind === 'edit-product' ? 'read-product' : kind === 'edit-coupon' ? 'read-coupon' : undefined;
  if (look !== undefined && shopper === options.shop.admin && draw.percent(70)) {
    // An edit names the version that it has seen; without a read, that version may be old.
    const request = draw.request(look, knownOf(options, shopper)) as Requests[typeof look];
    await quickly(options, draw, operations.begin(look, { shopper, request, key: `${key}-look` }));
  }
  const known = knownOf(options, shopper);
  const request = draw.request(kind, known);
  if (request === undefined) return;
  const usedKeys = known.memory.cancelKeys;
  const isUsedKey = kind === 'cancel' && usedKeys.length > 0 && draw.percent(USED_KEY_PERCENT);
  // A request without a key must not stand in the history under a key that another one used.
  const isKeyless = NEEDS_KEY.has(kind) && draw.percent(KEYLESS_PERCENT) && !isUsedKey;
  const operation = operations.begin(kind, {
    shopper,
    request,
    key: isUsedKey ? draw.oneOf(usedKeys) : isKeyless ? `${key}-none` : key,
    isKeyless,
  });
  await carryOut(options, operation, manner, draw);
  remember(options, operation);
  if (kind === 'edit-product') await orderOffSale(options, operation as Operation<'edit-product'>, draw);
  if (kind === 'edit-product' || kind === 'create-product') await orderAtEdges(options, operation, draw);
}

/** Customers order around the next start or end of a sale that an admin has just set. */
async function orderAtEdges(
  options: ClientOptions,
  { outcome, key }: Operation,
  draw: Drawer,
): Promise<void> {
  if (outcome?.type !== 'ok') return;
  const { id: productId, ...terms } = outcome.response as { readonly id: string } & Partial<ProductTerms>;
  for (const edge of ['first', 'second']) {
    const edgeMs = nextEdge(terms);
    if (edgeMs === undefined) return;
    await Promise.all(
      AROUND_MS.map(async (offsetMs) => {
        const shopper = draw.oneOf(options.shop.customers);
        await pause(Math.max(0, edgeMs + offsetMs - Date.now()), options.stopping);
        const request = { items: [{ productId, quantity: 1 }] };
        const name = `${key}-${edge}${offsetMs}`;
        await quickly(options, draw, options.operations.begin('order', { shopper, request, key: name }));
      }),
    );
  }
}

/** Another customer still has the page of a product that an admin has just taken off sale. */
async function orderOffSale(
  options: ClientOptions,
  { request: { productId, status }, outcome, key }: Operation<'edit-product'>,
  draw: Drawer,
): Promise<void> {
  if (status !== 'INACTIVE' || outcome?.type !== 'ok') return;
  const shopper = draw.oneOf(options.shop.customers);
  const request = { items: [{ productId, quantity: 1 }] };
  await quickly(
    options,
    draw,
    options.operations.begin('order', { shopper, request, key: `${key}-off-sale` }),
  );
}

const NEEDS_KEY: ReadonlySet<OperationKind> = new Set(['order', 'cancel', 'charge', 'admin-cancel'] as const);

/** Performs one cart operation, on `productId` if given, and accepts any outcome. */
function actOnCart(
  options: ClientOptions,
  { shopper, draw, key }: Deed,
  { kind, name, productId }: { kind: OperationKind; name: string; productId?: string | undefined },
): Promise<Outcome> {
  const drawn = draw.request(kind, knownOf(options, shopper));
  const request = (productId === undefined ? drawn : { ...drawn, productId }) as never;
  const operation = options.operations.begin(kind, { shopper, request, key: `${key}-${name}` });
  return quickly(options, draw, operation);
}

/** Usually with the product that the other device wants too. */
async function fillCart(options: ClientOptions, deed: Deed, favourite: string): Promise<void> {
  const { draw } = deed;
  for (let line = draw.percent(8) ? 0 : draw.between(1, 3); line > 0; line -= 1) {
    const kind = draw.percent(45) ? 'set-cart-line' : 'add-cart-line';
    const productId = draw.percent(60) ? favourite : undefined;
    await actOnCart(options, deed, { kind, name: `line${line}`, productId });
  }
}

/** May read the cart, orders its contents, and removes something from the cart if the order is refused. */
async function orderCart(options: ClientOptions, deed: Deed): Promise<void> {
  const { operations } = options;
  const { shopper, draw, manner, key } = deed;
  const seen = draw.percent(35)
    ? await actOnCart(options, deed, { kind: 'read-cart', name: 'look' })
    : undefined;
  const subtotal = seen?.type === 'ok' ? (seen.response as { subtotal: number }).subtotal : undefined;
  const expected = subtotal === undefined ? {} : { expectedTotal: expectedTotal(draw, subtotal) };
  const request = { fromCart: true as const, ...expected };
  const operation = operations.begin('order', { shopper, request, key });
  await carryOut(options, operation, manner, draw);
  remember(options, operation);
  if (operation.outcome?.type !== 'fail' || operation.outcome.code === 'cart_empty') return;
  await actOnCart(options, deed, {
    kind: draw.percent(60) ? 'clear-cart' : 'remove-cart-line',
    name: 'back',
  });
}

/** Adds every product, which is more than a cart has lines. */
async function overfillCart(
  options: ClientOptions,
  { shopper, draw, key }: Omit<Deed, 'manner'>,
): Promise<void> {
  const { shop, operations } = options;
  const fill = (kind: 'set-cart-line' | 'add-cart-line', request: Requests['add-cart-line'], name: string) =>
    quickly(options, draw, operations.begin(kind, { shopper, request, key: `${key}-${name}` }));
  const products = [...shop.productIds, ...shop.shelfIds];
  const [first = ''] = products;
  for (const name of ['many', 'too-many'])
    await fill('add-cart-line', { productId: first, quantity: 60 }, name);
  // Several at once: on a slow machine, one after the other would outlast the run.
  for (let from = 0; from < products.length && !options.stopping.aborted; from += FILLED_AT_ONCE) {
    const some = products.slice(from, from + FILLED_AT_ONCE);
    await Promise.all(
      some.map((productId, index) => {
        const kind = draw.percent(50) ? 'set-cart-line' : 'add-cart-line';
        return fill(kind, { productId, quantity: 1 }, String(from + index));
      }),
    );
  }
  await quickly(options, draw, operations.begin('clear-cart', { shopper, request: {}, key: `${key}-clear` }));
}
