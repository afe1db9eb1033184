import { type Goods, type Kind, kindNames, kinds } from './catalogue/kinds.ts';

export interface DemoProduct {
  /** The same in every shop and every run, so that a second run finds the rows of the first. */
  readonly id: string;
  readonly imageId: string;
  readonly kind: Kind;
  /** Position among the products of its kind, from 0. */
  readonly position: number;
  readonly name: string;
  readonly description: string;
  readonly priceKrw: number;
  readonly openingStock: number;
  readonly purchaseLimit: number | undefined;
  readonly drawing: string;
}

/**
 * Creation time of the demo products, in the past: lists show newest first, so products added later come
 * first.
 */
export const DEMO_TIME = new Date('2026-01-05T00:00:00.000Z');

/** UNIX milliseconds in 48 bits: the first 12 hex digits of every demo id. */
const timeHex = DEMO_TIME.getTime().toString(16).padStart(12, '0');

/** Prefix of the ids of all demo images. */
export const DEMO_IMAGE_ID_PREFIX = `${timeHex.slice(0, 8)}-${timeHex.slice(8)}-7`;

/**
 * The products of the demo shop, ids ascending. The kinds alternate, so that every page of the catalogue
 * shows all of them.
 */
export const demoCatalogue: readonly DemoProduct[] = kindNames
  .flatMap((kind, kindIndex) =>
    kinds[kind].goods.map((item: Goods, position) => ({
      id: demoId('product', kindIndex, position),
      imageId: demoId('image', kindIndex, position),
      kind,
      position,
      name: item.name,
      description: item.description,
      priceKrw: item.priceKrw,
      openingStock: item.stock,
      purchaseLimit: item.purchaseLimit,
      drawing: item.drawing,
    })),
  )
  .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** A UUIDv7 (RFC 9562) of DEMO_TIME; the 12 bits after the version hold the position in the catalogue. */
function demoId(what: 'product' | 'image', kindIndex: number, position: number): string {
  const place = (position * 16 + kindIndex).toString(16).padStart(3, '0');
  const [variant, tail] = what === 'product' ? ['a000', '000000000001'] : ['b000', '000000000002'];
  return `${timeHex.slice(0, 8)}-${timeHex.slice(8)}-7${place}-${variant}-${tail}`;
}
