import type { CartLine } from './cart.ts';

/** A hash field that is not a product: the user into whose cart this guest cart is being merged. */
export const OWNER = '#owner';

/** Parses a cart's hash from Redis's flat list of fields and values. */
export function linesOf(flat: readonly string[]): CartLine[] {
  const lines: CartLine[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const productId = flat[at] as string;
    if (productId !== OWNER) lines.push({ productId, quantity: Number(flat[at + 1]) });
  }
  return lines;
}
