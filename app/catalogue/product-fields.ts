import type { Product } from './product-sql.ts';

/** What an admin sets of a product, by the names of the API: for the trail of admin actions. */
export function productFields(product: Omit<Product, 'id'>) {
  const { name, description, priceKrw, status, purchaseLimit, saleFrom, saleUntil } = product;
  return {
    name,
    description,
    price: priceKrw,
    status,
    purchaseLimit: purchaseLimit ?? null,
    saleFrom: saleFrom ?? null,
    saleUntil: saleUntil ?? null,
  };
}
