import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import type { Version } from '../parts/use-editing.ts';

export type AdminProduct = Answer<'readAnyProduct'>;

/** What an edit replaces. */
export interface ProductFields {
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly status: AdminProduct['status'];
  readonly purchaseLimit: number | null;
  readonly saleFrom: string | null;
  readonly saleUntil: string | null;
}

export function versionOf(product: AdminProduct): Version<ProductFields> {
  const { name, description, price, status, purchaseLimit, saleFrom, saleUntil, version } = product;
  const fields = { name, description, price, status, purchaseLimit, saleFrom, saleUntil };
  return { fields, tag: `"v${version}"` };
}

export async function readProduct(productId: string, signal?: AbortSignal): Promise<AdminProduct> {
  return api.call('readAnyProduct', { path: { productId }, ...(signal && { signal }) });
}
