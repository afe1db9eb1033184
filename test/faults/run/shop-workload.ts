import { pause } from '../../../app/platform/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { OperationKind, Requests } from '../history/history-line.ts';
import type { FaultShop, Shopper } from './fault-shop.ts';
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
const KINDS: readonly (readonly [OperationKind | 'cart-order', number])[] = [
  ['order', 50],
  ['cart-order', 8],
  ['cancel', 11],
  ['charge', 11],
  ['claim-coupon', 8],
  ['adjust-stock', 5],
  ['read-balance', 4],
  ['find-order', 3],
];

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
] as const;

type Manner = (typeof MANNERS)[number][0];

/** What a client has and knows of. */
interface Memory {
  readonly orderIds: string[];
  readonly orderKeys: string[];
  readonly userCouponIds: string[];
}

/**
 * Clients who buy, cancel, charge, claim and adjust until they are stopped. All draws follow from the seed; what comes
 * of them does not, for it depends on who is faster.
 */
export function startWorkload(options: WorkloadOptions): Workload {
  const stopping = new AbortController();
  const memories = new Map<string, Memory>();
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    runClient({ ...options, client, memories, stopping: stopping.signal }),
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
  readonly memories: Map<string, Memory>;
  readonly stopping: AbortSignal;
}

async function runClient(options: ClientOptions): Promise<void> {
  const { seed, client, shop, memories, stopping } = options;
  const random = seededRandom(seed * 1000 + client);
  const draw = drawer(random);
  for (let count = 0; !stopping.aborted; count += 1) {
    const wanted = draw.weighted(KINDS);
    const shopper = wanted === 'adjust-stock' ? shop.admin : draw.oneOf(shop.customers);
    const memory = memories.get(shopper.userId) ?? { orderIds: [], orderKeys: [], userCouponIds: [] };
    memories.set(shopper.userId, memory);
    const manner = draw.weighted(MANNERS);
    const kind = wanted === 'cart-order' ? 'order' : wanted;
    if (wanted === 'cart-order') await fillCart(options, shopper, draw);
    const request = wanted === 'cart-order' ? { fromCart: true as const } : draw.request(kind, shop, memory);
    if (request !== undefined) {
      const key = `s${seed}-c${client}-${count}`;
      const operation = options.operations.begin(kind, { shopper, request, key });
      await carryOut(options, operation, manner, draw);
      remember(memory, operation);
    }
    await pause(random() * THINK_MAX_MS, stopping);
  }
}

async function fillCart(
  { operations, shop, urls }: ClientOptions,
  shopper: Shopper,
  draw: Drawer,
): Promise<void> {
  for (let line = draw.between(1, 2); line > 0; line -= 1) {
    const path = `/cart/items/${draw.product(shop)}`;
    const at = { url: draw.oneOf(urls), timeoutMs: draw.between(...PATIENCE_MS.normal) };
    await operations.ask(shopper, at, { method: 'PUT', path, body: { quantity: draw.between(1, 3) } });
  }
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
  if (manner === 'other-body' && operation.kind === 'cancel') {
    // The same order under another key.
    const { shopper, request, key } = operation as Operation<'cancel'>;
    await send(operations.begin('cancel', { shopper, request, key: `${key}-too` }), patienceMs());
  } else if (manner === 'other-body') {
    const other = otherRequest(operation);
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

function remember(memory: Memory, { kind, key, outcome }: Operation): void {
  if (kind === 'order') memory.orderKeys.push(key);
  const told = outcome as { response?: { id?: unknown; userCouponId?: unknown } } | undefined;
  if (outcome?.type === 'ok' && kind === 'order') memory.orderIds.push(String(told?.response?.id));
  if (kind !== 'claim-coupon') return;
  const inHand = outcome?.type === 'ok' ? told?.response?.id : told?.response?.userCouponId;
  if (typeof inHand === 'string' && !memory.userCouponIds.includes(inHand)) memory.userCouponIds.push(inHand);
}

/** Something else that could be asked for in the same words; undefined where nothing can be. */
function otherRequest({ kind, request }: Operation): Operation['request'] | undefined {
  if (kind === 'charge') return { amount: (request as Requests['charge']).amount + 1 };
  if (kind === 'adjust-stock') {
    const { delta, ...rest } = request as Requests['adjust-stock'];
    return { ...rest, delta: delta + 100 };
  }
  const { items } = request as Requests['order'];
  if (kind !== 'order' || items === undefined) return undefined;
  return { items: items.map((item) => ({ ...item, quantity: item.quantity + 1 })) };
}

interface Drawer {
  /** A whole number, both bounds included. */
  between(min: number, max: number): number;
  oneOf<T>(values: readonly T[]): T;
  weighted<T>(weights: readonly (readonly [T, number])[]): T;
  product(shop: FaultShop): string;
  request<Kind extends OperationKind>(
    kind: Kind,
    shop: FaultShop,
    memory: Memory,
  ): Requests[Kind] | undefined;
}

const HOT_SHARE = 0.5;
const COUPON_SHARE = 0.4;
const NEW_ORDER_SHARE = 0.75;

function drawer(random: () => number): Drawer {
  const draw: Drawer = {
    between: (min, max) => min + Math.floor(random() * (max - min + 1)),
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
    product: ({ productIds }) => (random() < HOT_SHARE ? (productIds[0] as string) : draw.oneOf(productIds)),
    request: (kind, shop, memory) => requests[kind](draw, shop, memory),
  };
  const requests: {
    [Kind in OperationKind]: (draw: Drawer, shop: FaultShop, memory: Memory) => Requests[Kind] | undefined;
  } = {
    order: (_, shop, { userCouponIds }) => {
      const products = new Set(Array.from({ length: draw.between(1, 4) }, () => draw.product(shop)));
      const items = [...products].map((productId) => ({ productId, quantity: draw.between(1, 3) }));
      const hasCoupon = random() < COUPON_SHARE && userCouponIds.length > 0;
      return hasCoupon ? { items, userCouponId: draw.oneOf(userCouponIds) } : { items };
    },
    cancel: (_draw, _shop, { orderIds }) => {
      if (orderIds.length === 0) return undefined;
      // Mostly one of the last, and now and then one that has been cancelled before.
      const orderId = random() < NEW_ORDER_SHARE ? (orderIds.pop() as string) : draw.oneOf(orderIds);
      return { orderId };
    },
    charge: () => ({ amount: draw.between(1, 30) * 100 }),
    'claim-coupon': (_, { couponIds }) => ({ couponId: draw.oneOf(couponIds) }),
    'adjust-stock': (_, shop) => ({
      productId: draw.product(shop),
      delta: draw.oneOf([-4, -1, 3, 6, 15]),
      reason: 'counted',
    }),
    'read-balance': () => ({}),
    'find-order': (_draw, _shop, { orderKeys }) =>
      orderKeys.length === 0 ? undefined : { orderKey: draw.oneOf(orderKeys) },
  };
  return draw;
}
