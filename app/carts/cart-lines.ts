import type { CartLine } from './cart.ts';

/** A field that is no product: the user who has this guest's cart now. */
export const OWNER = '#owner';

/** The products and quantities of a hash, as Redis lists its fields. */
export function linesOf(flat: readonly string[]): CartLine[] {
  const lines: CartLine[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const productId = flat[at] as string;
    if (productId !== OWNER) lines.push({ productId, quantity: Number(flat[at + 1]) });
  }
  return lines;
}
