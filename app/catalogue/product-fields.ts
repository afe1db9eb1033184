import type { Product } from './product-sql.ts';

/** What an admin sets of a product, by the names of the API: for the trail of admin actions. */
export function productFields({ name, description, priceKrw, status, purchaseLimit }: Omit<Product, 'id'>) {
  return { name, description, price: priceKrw, status, purchaseLimit: purchaseLimit ?? null };
}
