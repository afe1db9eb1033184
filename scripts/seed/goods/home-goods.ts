import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const homeGoods: readonly Goods<DrawingName<'home'>>[] = [
  {
    name: 'Evening Table Lamp',
    description: 'Linen shade on a slim stem. The pull cord ends in a wooden bead.',
    priceKrw: 112_000,
    stock: 370,
    drawing: 'lamp',
  },
  {
    name: 'Garden Bud Vase',
    description: 'Stoneware for three stems or one good branch.',
    priceKrw: 34_000,
    stock: 1150,
    drawing: 'vase',
  },
  {
    name: 'Fig and Cedar Candle',
    description: 'Soy wax in a glass you will keep. Burns for forty-five hours.',
    priceKrw: 39_000,
    stock: 1650,
    drawing: 'candle',
  },
  {
    name: 'Reading Armchair, Rust',
    description: 'A deep seat, a high back and arms as wide as a teacup.',
    priceKrw: 598_000,
    stock: 38,
    drawing: 'armchair',
  },
  {
    name: 'Woven Cushion, Pine',
    description: 'Hand-loomed cotton with a diamond band. The filling is included.',
    priceKrw: 45_000,
    stock: 890,
    drawing: 'cushion',
  },
  {
    name: 'Quiet Wall Clock',
    description: 'A sweeping hand that makes no sound at all. 30 cm.',
    priceKrw: 58_000,
    stock: 560,
    drawing: 'clock',
  },
  {
    name: 'Bedside Lamp, Dimmable',
    description: 'Three steps of warm light, the last one hardly there.',
    priceKrw: 79_000,
    stock: 640,
    drawing: 'lamp',
  },
  {
    name: 'Moon Jar Vase',
    description: 'Round as the real one and never quite even. Thrown in two halves.',
    priceKrw: 145_000,
    stock: 210,
    drawing: 'vase',
  },
  {
    name: 'Winter Citrus Candle',
    description: 'Yuzu peel, clove and a little smoke.',
    priceKrw: 36_000,
    stock: 1420,
    drawing: 'candle',
  },
  {
    name: 'Linen Floor Cushion',
    description: 'Big enough to sit on, soft enough to nap on.',
    priceKrw: 68_000,
    stock: 430,
    drawing: 'cushion',
  },
];
