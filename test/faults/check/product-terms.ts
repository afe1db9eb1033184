import type { BeginLine, EditedTerms, ProductTerms, Requests, SampleLine } from '../history/history-line.ts';
import { acknowledgedOf, type Operation, spanOf } from './operations.ts';

/** One version of a product or coupon, and the span in which an order may have used it. */
export interface Version<Terms> {
  readonly version: number;
  /**
   * Terms that the version may have had: one, or one per edit with an unknown outcome. Empty for a version
   * that no edit made.
   */
  readonly candidates: readonly Terms[];
  /** The version cannot have existed earlier. */
  readonly fromMs: number;
  /** A later version existed at this time. */
  readonly untilMs: number;
}

export type TermsVersion = Version<ProductTerms>;

interface Edit {
  readonly terms: EditedTerms;
  readonly invokedMs: number;
  /** Undefined for an unknown outcome. */
  readonly version: number | undefined;
  /** Version named in If-Match: the edit replaces this version and makes the next one. */
  readonly named: number;
}

/**
 * All versions of each product, by product, from 1 to the highest that any answer or read showed. An edit
 * names the version that it replaces, so at most one of the edits that name the same version was made.
 */
export function termsByProduct(
  begin: BeginLine,
  operations: ReadonlyMap<string, Operation>,
  samples: readonly SampleLine[],
): Map<string, readonly TermsVersion[]> {
  const edits = editsByProduct(operations);
  const sightings = sightingsByProduct(operations, samples);
  const first = [
    ...begin.shop.products.map(({ productId, terms }) => ({
      productId,
      candidates: [terms],
      fromMs: -Infinity,
    })),
    ...createdProducts(operations),
  ];
  return new Map(
    first.map(({ productId, candidates, fromMs }) => {
      const seen = sightings.get(productId) ?? [];
      const made = edits.get(productId) ?? [];
      const acknowledged = made.flatMap(({ version }) => version ?? []);
      const last = Math.max(1, ...seen.map(({ version }) => version), ...acknowledged);
      // Includes one later version, which an edit without a response may have created unseen.
      const versions: TermsVersion[] = [];
      for (let version = 1; version <= last + 1; version += 1) {
        const makers = version === 1 ? [] : makersOf(made, version);
        if (version > last && makers.length === 0) continue;
        const before = versions.at(-1)?.candidates ?? [];
        versions.push({
          version,
          candidates: version === 1 ? candidates : makers.flatMap(({ terms }) => termsAfter(terms, before)),
          fromMs: version === 1 ? fromMs : Math.min(...makers.map(({ invokedMs }) => invokedMs)),
          untilMs: Math.min(
            Infinity,
            ...seen.filter((look) => look.version > version).map(({ atMs }) => atMs),
          ),
        });
      }
      return [productId, versions];
    }),
  );
}

/** Products whose creation was acknowledged; customers cannot know any others. */
function createdProducts(
  operations: ReadonlyMap<string, Operation>,
): { productId: string; candidates: readonly ProductTerms[]; fromMs: number }[] {
  return created(operations, 'create-product').map(({ id, requests, fromMs }) => ({
    productId: id,
    candidates: requests.map(({ name, price, purchaseLimit, saleFrom = null, saleUntil = null }) => {
      return { name, priceKrw: price, status: 'ACTIVE', purchaseLimit, saleFrom, saleUntil } as const;
    }),
    fromMs,
  }));
}

/** Ids of acknowledged creations, with the requests that may have made them. */
export function created<Kind extends 'create-product' | 'create-coupon'>(
  operations: ReadonlyMap<string, Operation>,
  kind: Kind,
): { readonly id: string; readonly requests: readonly Requests[Kind][]; readonly fromMs: number }[] {
  return [...operations.values()].flatMap((operation) => {
    const acknowledged = operation.kind === kind ? acknowledgedOf(operation) : [];
    const [first] = acknowledged;
    if (first === undefined) return [];
    const { id } = first.answer.response as { readonly id: string };
    const requests = acknowledged.map(({ invoke }) => invoke.request as Requests[Kind]);
    return [{ id, requests, fromMs: spanOf(operation).fromMs }];
  });
}

/** Terms that an edit may have made of each of these. */
export function termsAfter(edit: EditedTerms, before: readonly ProductTerms[]): ProductTerms[] {
  const { saleFrom, saleUntil, ...rest } = edit;
  if (saleFrom !== undefined && saleUntil !== undefined) return [{ ...rest, saleFrom, saleUntil }];
  return before.map((each) => ({
    ...rest,
    saleFrom: keptBound(saleFrom, each.saleFrom),
    saleUntil: keptBound(saleUntil, each.saleUntil),
  }));
}

/** An edit that leaves out a bound keeps it. */
export function keptBound(asked: string | null | undefined, before: string | null): string | null {
  return asked === undefined ? before : asked;
}

function makersOf(edits: readonly Edit[], version: number): readonly Edit[] {
  const known = edits.filter((edit) => edit.version === version);
  return known.length > 0
    ? known
    : edits.filter((edit) => edit.version === undefined && edit.named === version - 1);
}

function editsByProduct(operations: ReadonlyMap<string, Operation>): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>();
  for (const { kind, attempts } of operations.values()) {
    if (kind !== 'edit-product') continue;
    for (const { invoke, answer } of attempts) {
      const { productId, version: named, ...terms } = invoke.request as Requests['edit-product'];
      if (named === null || answer?.type === 'fail') continue;
      const version =
        answer?.type === 'ok' ? (answer.response as { readonly version: number }).version : undefined;
      const edit = { terms, named, version, invokedMs: invoke.atMs };
      edits.set(productId, [...(edits.get(productId) ?? []), edit]);
    }
  }
  return edits;
}

interface Sighting {
  readonly version: number;
  readonly atMs: number;
}

function sightingsByProduct(
  operations: ReadonlyMap<string, Operation>,
  samples: readonly SampleLine[],
): Map<string, Sighting[]> {
  const sightings = new Map<string, Sighting[]>();
  const see = (productId: string, sighting: Sighting): void => {
    sightings.set(productId, [...(sightings.get(productId) ?? []), sighting]);
  };
  for (const { products, atMs } of samples) {
    for (const { productId, version } of products) see(productId, { version, atMs });
  }
  for (const operation of operations.values()) {
    if (operation.kind !== 'edit-product' && operation.kind !== 'read-product') continue;
    for (const { invoke, answer } of acknowledgedOf(operation)) {
      const { version } = answer.response as { version: number };
      see((invoke.request as { productId: string }).productId, { version, atMs: answer.atMs });
    }
  }
  return sightings;
}

/** Time between a request and its answer; `toMs` is Infinity without an answer. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Terms that a product or coupon may have had at some moment of this span; empty for an unknown product or
 * coupon.
 */
export function termsWithin<Terms>(
  versions: readonly Version<Terms>[] | undefined,
  { fromMs, toMs }: Span,
): Terms[] {
  return (versions ?? [])
    .filter((version) => version.fromMs <= toMs && version.untilMs >= fromMs)
    .flatMap(({ candidates }) => candidates);
}
