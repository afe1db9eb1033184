import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const clothingGoods: readonly Goods<DrawingName<'clothing'>>[] = [
  {
    name: 'Heavyweight Tee, Brick',
    description: 'Combed cotton of 240 g that keeps its collar. Cut a little boxy.',
    priceKrw: 32_000,
    stock: 2800,
    drawing: 'tee',
  },
  {
    name: 'Fisher Sweater, Navy',
    description: 'Undyed wool underneath, two bands of colour on top. Knitted in one piece.',
    priceKrw: 119_000,
    stock: 390,
    drawing: 'sweater',
  },
  {
    name: 'Six Panel Cap, Moss',
    description: 'Washed cotton twill with a brass buckle. One size that really fits.',
    priceKrw: 29_000,
    stock: 1350,
    drawing: 'cap',
  },
  {
    name: 'Trail Socks, Two Pairs',
    description: 'Merino with a padded heel. Striped so that they find each other again.',
    priceKrw: 18_000,
    stock: 3400,
    drawing: 'socks',
  },
  {
    name: 'Sunrise Tote',
    description: 'Heavy canvas with a flat base. Carries a laptop or eleven apples.',
    priceKrw: 24_000,
    stock: 2100,
    drawing: 'tote',
  },
  {
    name: 'Court Sneaker, Olive',
    description: 'Full-grain suede on a stitched rubber sole that can be replaced.',
    priceKrw: 138_000,
    stock: 520,
    drawing: 'sneaker',
  },
  {
    name: 'Pocket Tee, Clay',
    description: 'Light enough for August, with a pocket made for a ticket.',
    priceKrw: 27_000,
    stock: 2500,
    drawing: 'tee',
  },
  {
    name: 'Harbour Sweater, Slate',
    description: 'A fine lambswool crew neck for offices with optimistic heating.',
    priceKrw: 98_000,
    stock: 440,
    drawing: 'sweater',
  },
  {
    name: 'Rain Cap, Waxed',
    description: 'Waxed cotton that sheds a shower and folds into a coat pocket.',
    priceKrw: 36_000,
    stock: 710,
    drawing: 'cap',
  },
  {
    name: 'House Socks, Thick',
    description: 'Boiled wool with a felt sole. Warmer than a radiator and quieter.',
    priceKrw: 22_000,
    stock: 1800,
    drawing: 'socks',
  },
];
