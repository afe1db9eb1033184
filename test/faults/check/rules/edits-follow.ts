import { isDeepStrictEqual } from 'node:util';
import type { ProductTerms, Requests } from '../../history/history-line.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { acknowledgedOf } from '../operations.ts';
import { termsAfter, termsWithin, type TermsVersion } from '../product-terms.ts';

/**
 * The versions of a product have no gap. Each was requested by an edit that had seen the version before it,
 * and no two edits made the same version. The product and every read of it show what the edits said.
 */
export function editsFollow(facts: Facts): Finding[] {
  return [...wrongEdits(facts), ...wrongReads(facts), ...wrongProducts(facts)];
}

function wrongEdits({ operations, productTerms }: Facts): Finding[] {
  const makers = new Map<string, string>();
  return [...operations.values()].flatMap((operation): Finding[] => {
    if (operation.kind !== 'edit-product') return [];
    return acknowledgedOf(operation).flatMap(({ invoke, answer }): Finding[] => {
      const key = operation.name;
      const { productId, version: named, ...terms } = invoke.request as Requests['edit-product'];
      const { version, ...rest } = termsOfAnswer(answer.response);
      const made = `${productId} v${version}`;
      const other = makers.get(made);
      makers.set(made, `attempt ${invoke.op}`);
      const wrong: string[] = [];
      if (other !== undefined) wrong.push(`version ${version} was made by ${other} as well`);
      if (named === null || version !== named + 1) wrong.push(`made version ${version} of version ${named}`);
      const before = (productTerms.get(productId) ?? []).find((each) => each.version === named);
      if (!says(termsAfter(terms, before?.candidates ?? []), rest)) {
        wrong.push(`${JSON.stringify(terms)} was acknowledged as ${JSON.stringify(rest)}`);
      }
      return wrong.map((detail) => ({ key, detail }));
    });
  });
}

function wrongReads({ operations, productTerms }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    if (operation.kind !== 'read-product') return [];
    return acknowledgedOf(operation).flatMap(({ invoke, answer }): Finding[] => {
      const { version, ...terms } = termsOfAnswer(answer.response);
      const { productId } = invoke.request as Requests['read-product'];
      const span = { fromMs: invoke.atMs, toMs: answer.atMs };
      const versions = (productTerms.get(productId) ?? []).filter((each) => each.version === version);
      if (says(termsWithin(versions, span), terms)) return [];
      const detail = `read version ${version} as ${JSON.stringify(terms)}, which it was not then`;
      return [{ key: operation.name, detail }];
    });
  });
}

function wrongProducts({ state, productTerms }: Facts): Finding[] {
  return state.products.flatMap(({ productId, version, ...terms }): Finding[] => {
    const versions: readonly TermsVersion[] = productTerms.get(productId) ?? [];
    const gap = versions.find(({ candidates }) => candidates.length === 0);
    if (gap !== undefined) {
      return [{ detail: `no request created version ${gap.version} of product ${productId}` }];
    }
    const last = versions.find((each) => each.version === version);
    const later = versions.filter((each) => each.version > version && each.untilMs < Infinity);
    if (later.length === 0 && says(last?.candidates ?? [], terms)) return [];
    return [{ detail: `product ${productId} ends as version ${version}: ${JSON.stringify(terms)}` }];
  });
}

function says(candidates: readonly ProductTerms[], terms: ProductTerms): boolean {
  return candidates.some((each) => isDeepStrictEqual(each, terms));
}

function termsOfAnswer(response: unknown): ProductTerms & { readonly version: number } {
  const { version, name, price, status, purchaseLimit, saleFrom, saleUntil } = response as Omit<
    ProductTerms,
    'priceKrw'
  > & { readonly version: number; readonly price: number };
  return { version, name, priceKrw: price, status, purchaseLimit, saleFrom, saleUntil };
}
