import audio from './audio/kind.json' with { type: 'json' };
import beauty from './beauty/kind.json' with { type: 'json' };
import books from './books/kind.json' with { type: 'json' };
import clothing from './clothing/kind.json' with { type: 'json' };
import coffee from './coffee/kind.json' with { type: 'json' };
import home from './home/kind.json' with { type: 'json' };
import kitchen from './kitchen/kind.json' with { type: 'json' };
import outdoor from './outdoor/kind.json' with { type: 'json' };
import stationery from './stationery/kind.json' with { type: 'json' };
import toys from './toys/kind.json' with { type: 'json' };

/** The colours of one picture. */
export interface Colours {
  readonly background: string;
  /** The large shape behind the object. */
  readonly halo: string;
  readonly main: string;
  readonly shade: string;
  readonly light: string;
  readonly accent: string;
  /** Lettering and fine lines. */
  readonly ink: string;
}

export interface Goods {
  readonly name: string;
  readonly description: string;
  readonly priceKrw: number;
  /** Opening stock. */
  readonly stock: number;
  /** Units per customer; undefined means no limit. */
  readonly purchaseLimit?: number | undefined;
  /** Name of an SVG file beside kind.json: shapes in a box of 240 by 240 that stand on the line y = 214. */
  readonly drawing: string;
}

export interface KindOfGoods {
  /**
   * Drawings use the first colourway. All backgrounds of a kind are alike, so that it is recognised at a
   * glance.
   */
  readonly colourways: readonly Colours[];
  /** Ids follow the place in this list: append new products. */
  readonly goods: readonly Goods[];
}

/** The demo shop's products by kind, from one folder per kind. Ids follow this order: append new kinds. */
export const kinds = {
  coffee,
  kitchen,
  stationery,
  audio,
  clothing,
  outdoor,
  books,
  home,
  beauty,
  toys,
} satisfies Readonly<Record<string, KindOfGoods>>;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as readonly Kind[];
