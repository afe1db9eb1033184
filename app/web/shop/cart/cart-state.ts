import { signal } from '@preact/signals';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, RowlockProblem } from '../../shared/api.ts';
import { keptForever } from '../../shared/kept-values.ts';

export type Cart = Answer<'readCart'>;
export type CartLine = Cart['lines'][number];

/** Kept while a guest's cart may exist, so that a first visit asks for none. */
const MAY_HAVE_CART = 'cart';

export const cart = signal<Cart | undefined>(undefined);
/** Why the cart could not be read or changed; undefined once it could. */
export const cartError = signal<unknown>(undefined);
export const isCartOpen = signal(false);
/** Products whose line is being changed. */
export const linesBusy = signal<ReadonlySet<string>>(new Set());

export function mayHaveCart(): boolean {
  return keptForever.read(MAY_HAVE_CART) !== undefined;
}

export function unitsIn({ lines }: Cart): number {
  return lines.reduce((units, { quantity }) => units + quantity, 0);
}

export async function readCart(): Promise<void> {
  await keep(api.call('readCart'));
}

/** Adds units; returns whether the cart took them. */
export async function addToCart(productId: string, quantity: number): Promise<boolean> {
  keptForever.write(MAY_HAVE_CART, 'yes');
  return change(productId, () => api.call('addCartItem', { body: { productId, quantity } }));
}

export async function setQuantity(productId: string, quantity: number): Promise<boolean> {
  const path = { productId };
  return change(productId, () =>
    quantity === 0
      ? api.call('removeCartItem', { path })
      : api.call('setCartItem', { path, body: { quantity } }),
  );
}

async function change(productId: string, send: () => Promise<Cart>): Promise<boolean> {
  if (linesBusy.peek().has(productId)) return false;
  linesBusy.value = new Set([...linesBusy.peek(), productId]);
  const isDone = await keep(send());
  linesBusy.value = new Set([...linesBusy.peek()].filter((id) => id !== productId));
  // A change whose answer was lost may have happened.
  if (!isDone && !(cartError.peek() instanceof RowlockProblem)) void readCart();
  return isDone;
}

async function keep(answer: Promise<Cart>): Promise<boolean> {
  try {
    cart.value = await answer;
    cartError.value = undefined;
    return true;
  } catch (error) {
    cartError.value = error;
    return false;
  }
}
