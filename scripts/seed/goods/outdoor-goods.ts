import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const outdoorGoods: readonly Goods<DrawingName<'outdoor'>>[] = [
  {
    name: 'Ridge Tent, Two Person',
    description: 'Pitches in four minutes and weighs 1.9 kg. The porch holds two pairs of boots.',
    priceKrw: 429_000,
    stock: 160,
    drawing: 'tent',
  },
  {
    name: 'Daybreak Backpack, 24 L',
    description: 'A pack that opens flat, with a sleeve for water and one for a book.',
    priceKrw: 129_000,
    stock: 620,
    drawing: 'backpack',
  },
  {
    name: 'Firefly Lantern',
    description: 'Warm light from a wick of LEDs. Thirty hours on low.',
    priceKrw: 46_000,
    stock: 1450,
    drawing: 'lantern',
  },
  {
    name: 'Summit Flask, 750 ml',
    description: 'Steel within steel. Tea stays hot from breakfast to the summit.',
    priceKrw: 38_000,
    stock: 2700,
    drawing: 'flask',
  },
  {
    name: 'Pocket Stove',
    description: 'Boils half a litre in three minutes and packs inside its own pot.',
    priceKrw: 84_000,
    stock: 480,
    drawing: 'stove',
  },
  {
    name: 'Meadow Folding Chair',
    description: 'Unfolds in one motion. Holds 130 kg and a long conversation.',
    priceKrw: 69_000,
    stock: 760,
    drawing: 'chair',
  },
  {
    name: 'Storm Tent, Four Person',
    description: 'Three poles, two doors and seams that have met a typhoon.',
    priceKrw: 780_000,
    stock: 55,
    drawing: 'tent',
  },
  {
    name: 'Overnight Backpack, 42 L',
    description: 'Everything for two nights, with hip pockets you can reach.',
    priceKrw: 219_000,
    stock: 280,
    drawing: 'backpack',
  },
  {
    name: 'Stream Flask, 500 ml',
    description: 'A slim bottle with a cap that hangs on by a loop.',
    priceKrw: 29_000,
    stock: 3100,
    drawing: 'flask',
  },
  {
    name: 'Lakeside Low Chair',
    description: 'Sits close to the water. Canvas seat, beech frame, cup holder.',
    priceKrw: 92_000,
    stock: 340,
    drawing: 'chair',
  },
];
