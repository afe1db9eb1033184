import type { BeginLine } from '../history/history-line.ts';
import type { FinalState, StoredOrder } from './final-state.ts';
import { createdThings } from './created-things.ts';
import { acknowledgedOf, nameOf, type Operation, refundName } from './operations.ts';

/** One change of a stock or a balance, as stored in the database. */
export interface Change {
  readonly seq: number;
  readonly delta: number;
  /** The value after it. */
  readonly after: number;
  readonly source: string;
  /** The change cannot have been made earlier. */
  readonly invokedMs: number;
  /** The change had been made by then. */
  readonly answeredMs: number;
  /** Name of the operation that made the change; undefined when no operation can have made it. */
  readonly operation: string | undefined;
}

/** All changes of one stock or balance, ascending by seq. */
export type Chain = readonly Change[];

interface ChainSources {
  readonly begin: BeginLine;
  readonly state: FinalState;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly ordersById: ReadonlyMap<string, StoredOrder>;
}

/** The chains of stocks, by product, and of balances, by user: changes of every kind merged. */
export function chainsOf(sources: ChainSources): {
  stockChains: Map<string, Chain>;
  balanceChains: Map<string, Chain>;
} {
  const { begin, state } = sources;
  const stockSeqs = new Map(begin.shop.products.map(({ productId, stockSeq }) => [productId, stockSeq]));
  const balanceSeqs = new Map(begin.shop.users.map(({ userId, balanceSeq }) => [userId, balanceSeq]));
  const timed = (change: Placed, beginSeq: number): Change => ({
    ...change,
    ...timesOf(sources, change, beginSeq),
  });
  const merged = (changes: readonly Placed[], beginSeqs: ReadonlyMap<string, number>) =>
    new Map(
      [...Map.groupBy(changes, ({ chain }) => chain)].map(([chain, members]) => [
        chain,
        members.map((change) => timed(change, beginSeqs.get(chain) ?? 0)).toSorted((a, b) => a.seq - b.seq),
      ]),
    );
  const stockChains = merged(stockChanges(sources), stockSeqs);
  const balanceChains = merged(balanceChanges(sources), balanceSeqs);
  for (const { productId } of state.stocks) if (!stockChains.has(productId)) stockChains.set(productId, []);
  for (const { userId } of state.wallets) if (!balanceChains.has(userId)) balanceChains.set(userId, []);
  return { stockChains, balanceChains };
}

interface Placed extends Omit<Change, 'invokedMs' | 'answeredMs'> {
  readonly chain: string;
}

function stockChanges({ begin, state, ordersById }: ChainSources): Placed[] {
  const refundKeys = new Map(
    state.walletEntries.flatMap((entry) =>
      entry.kind === 'REFUND' && entry.orderId !== null ? [[entry.orderId, refundName(entry)] as const] : [],
    ),
  );
  const creations = new Map(createdThings({ begin, state }).map(({ id, operation }) => [id, operation]));
  const sales = state.orderItems.map((item): Placed => {
    const order = ordersById.get(item.orderId);
    return {
      chain: item.productId,
      seq: item.stockSeq,
      delta: -item.quantity,
      after: item.stockAfter,
      source: `order ${item.orderId}`,
      operation: order && nameOf('order', order.userId, order.key),
    };
  });
  const entries = state.stockEntries.map((entry): Placed => {
    return {
      chain: entry.productId,
      seq: entry.seq,
      delta: entry.delta,
      after: entry.quantityAfter,
      source: `${entry.kind} ${entry.orderId ?? entry.key ?? ''}`,
      operation:
        entry.kind === 'RESTOCK'
          ? refundKeys.get(entry.orderId ?? '')
          : ((entry.kind === 'OPENING' ? creations.get(entry.productId) : undefined) ??
            nameOf('adjust-stock', entry.productId, entry.key)),
    };
  });
  return [...sales, ...entries];
}

function balanceChanges({ state, ordersById }: ChainSources): Placed[] {
  return state.walletEntries.map((entry): Placed => {
    const { userId, kind, orderId, key } = entry;
    const paid = orderId === null ? undefined : ordersById.get(orderId);
    const operations = {
      CHARGE: nameOf('charge', userId, key),
      REFUND: refundName(entry),
      PAYMENT: paid && nameOf('order', paid.userId, paid.key),
    };
    return {
      chain: userId,
      seq: entry.seq,
      delta: entry.amountKrw,
      after: entry.balanceAfterKrw,
      source: `${kind} ${orderId ?? key ?? ''}`,
      operation: operations[kind],
    };
  });
}

function timesOf(
  { operations }: ChainSources,
  { seq, operation }: Placed,
  beginSeq: number,
): Pick<Change, 'invokedMs' | 'answeredMs'> {
  if (seq <= beginSeq) return { invokedMs: -Infinity, answeredMs: -Infinity };
  const made = operation === undefined ? undefined : operations.get(operation);
  // The time of a change without an operation is unknown; another rule reports it.
  if (made === undefined) return { invokedMs: -Infinity, answeredMs: Infinity };
  return {
    invokedMs: Math.min(...made.attempts.map(({ invoke }) => invoke.atMs)),
    answeredMs: Math.min(Infinity, ...acknowledgedOf(made).map(({ answer }) => answer.atMs)),
  };
}

/**
 * Places in a chain at which a reader may have been at some moment of this span: at or after `from`, at or
 * before `to`. Place n is between changes n and n + 1; 0 is before the first change.
 */
export function placesWithin(
  chain: Chain,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): { readonly from: number; readonly to: number } {
  const from = chain.findLast(({ answeredMs }) => answeredMs < fromMs)?.seq ?? 0;
  const next = chain.find(({ invokedMs }) => invokedMs > toMs);
  return { from, to: next === undefined ? (chain.at(-1)?.seq ?? 0) : next.seq - 1 };
}

/** Value after the change with this number; 0 is before the first change. */
export function valueAt(chain: Chain, seq: number): number | undefined {
  return seq === 0 ? 0 : chain.find((change) => change.seq === seq)?.after;
}
