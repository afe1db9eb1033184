import type { Requests } from '../../history/history-line.ts';
import { type CartMove, cartContradiction } from '../cart-moves.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { type Attempt, nameOf, spanOf } from '../operations.ts';
import { unitsByProduct } from '../price-model.ts';

/** Faults after which the server that keeps the carts may have lost the latest changes, or all of them. */
const AMNESIA: ReadonlySet<string> = new Set(['kill-redis', 'flush-redis']);

/**
 * Three promises, checked separately for each line of each cart:
 * - An order from the cart contains what was in the cart at some moment between request and answer.
 * - Each unit is ordered once.
 * - A reported cart contains only what was added and not removed.
 */
export function cartsHold(facts: Facts): Finding[] {
  const amnesia = amnesiaOf(facts);
  return [...movesByUser(facts)].flatMap(([userId, { lines, all }]) =>
    [...lines].flatMap(([productId, moves]): Finding[] => {
      const ofAll = all.map(({ move, unitsOf }) => moveOf(move, unitsOf(productId)));
      const first = cartContradiction([...moves, ...ofAll], amnesia);
      if (first === undefined) return [];
      const said = JSON.stringify(first.does);
      return [{ key: first.name, detail: `cart of ${userId}, product ${productId}: ${said} cannot be` }];
    }),
  );
}

type Timed = Pick<CartMove, 'name' | 'fromMs' | 'toMs'>;

/** A move on every line of a cart, given the units of the product. */
interface MoveOfAll {
  readonly move: Timed & { readonly kind: 'set' | 'is' | 'order' };
  readonly unitsOf: (productId: string) => number;
}

function moveOf({ kind, ...timed }: MoveOfAll['move'], units: number): CartMove {
  const does =
    kind === 'set' ? { kind, to: units } : kind === 'is' ? { kind, value: units } : { kind, units };
  return { ...timed, does };
}

interface UserMoves {
  /** Moves by product. */
  readonly lines: Map<string, CartMove[]>;
  readonly all: MoveOfAll[];
}

function movesByUser(facts: Facts): Map<string, UserMoves> {
  const users = new Map<string, UserMoves>();
  const of = (userId: string): UserMoves => {
    const known = users.get(userId) ?? { lines: new Map(), all: [] };
    users.set(userId, known);
    return known;
  };
  for (const { name, kind, attempts } of facts.operations.values()) {
    for (const attempt of attempts) {
      const { user, request } = attempt.invoke;
      const timed = timedOf(name, attempt);
      const { all, lines } = of(user);
      const onLine = (does: CartMove['does']): void => {
        const { productId } = request as { readonly productId: string };
        lines.set(productId, [...(lines.get(productId) ?? []), { ...timed, does }]);
      };
      const isRefused = attempt.answer?.type === 'fail';
      if (isRefused && kind === 'order' && isCartEmpty(attempt)) {
        all.push({ move: { ...timed, kind: 'is' }, unitsOf: () => 0 });
      }
      if (isRefused) continue;
      if (kind === 'set-cart-line') onLine({ kind: 'set', to: (request as { quantity: number }).quantity });
      if (kind === 'add-cart-line')
        onLine({ kind: 'add', units: (request as { quantity: number }).quantity });
      if (kind === 'remove-cart-line') onLine({ kind: 'set', to: 0 });
      if (kind === 'clear-cart') all.push({ move: { ...timed, kind: 'set' }, unitsOf: () => 0 });
      if (kind === 'read-cart' && attempt.answer?.type === 'ok') {
        const seen = unitsByProduct((attempt.answer.response as { lines: Lines }).lines);
        all.push({ move: { ...timed, kind: 'is' }, unitsOf: (productId) => seen.get(productId) ?? 0 });
      }
    }
  }
  for (const order of cartOrders(facts)) of(order.userId).all.push(order.move);
  return users;
}

type Lines = readonly { readonly productId: string; readonly quantity: number }[];

/** A stored order was placed exactly once, whatever answer its client got. */
function cartOrders({ state, operations, itemsByOrder }: Facts): { userId: string; move: MoveOfAll }[] {
  return state.orders.flatMap(({ orderId, userId, key }) => {
    const operation = operations.get(nameOf('order', userId, key));
    const able = operation?.attempts.filter(({ answer }) => answer?.type !== 'fail') ?? [];
    const fromCart = ({ invoke }: Attempt) => (invoke.request as Requests['order']).fromCart === true;
    // When two requests share a key and only one orders from the cart, either may have been executed.
    if (operation === undefined || able.length === 0 || !able.every(fromCart)) return [];
    const units = unitsByProduct(itemsByOrder.get(orderId) ?? []);
    const move = { name: operation.name, ...spanOf(operation), kind: 'order' as const };
    return [{ userId, move: { move, unitsOf: (productId: string) => units.get(productId) ?? 0 } }];
  });
}

function timedOf(name: string, { invoke, answer }: Attempt): Timed {
  const isDefinite = answer?.type === 'ok' || answer?.type === 'fail';
  return { name, fromMs: invoke.atMs, toMs: isDefinite ? answer.atMs : Infinity };
}

function isCartEmpty({ answer }: Attempt): boolean {
  return answer?.type === 'fail' && answer.code === 'cart_empty';
}

function amnesiaOf({ faults }: Facts): { fromMs: number; toMs: number }[] {
  return faults
    .filter(({ name, phase }) => AMNESIA.has(name) && phase === 'begin')
    .map(({ name, atMs: fromMs }) => {
      const end = faults.find((each) => each.name === name && each.phase === 'end' && each.atMs >= fromMs);
      return { fromMs, toMs: end?.atMs ?? Infinity };
    });
}
