import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const stationeryGoods: readonly Goods<DrawingName<'stationery'>>[] = [
  {
    name: 'Field Notebook, Dotted',
    description: 'A5, 192 pages that lie flat and take fountain pen ink without a shadow.',
    priceKrw: 9800,
    stock: 4800,
    drawing: 'notebook',
  },
  {
    name: 'Brass Fountain Pen, Fine',
    description: 'Turned from one bar of brass. Picks up a patina that is only yours.',
    priceKrw: 119_000,
    stock: 180,
    drawing: 'pen',
  },
  {
    name: 'Cedar Pencils, Box of Twelve',
    description: 'Incense cedar, soft graphite, and the smell of the first school day.',
    priceKrw: 14_500,
    stock: 2600,
    drawing: 'pencils',
  },
  {
    name: 'Midnight Persimmon Ink, 40 ml',
    description: 'A blue-black that dries with an orange sheen.',
    priceKrw: 21_000,
    stock: 760,
    drawing: 'ink',
  },
  {
    name: 'Paper Tape, Three Rolls',
    description: 'Torn by hand, lifts off cleanly. Brick, rose and harbour blue.',
    priceKrw: 7200,
    stock: 3900,
    drawing: 'tape',
  },
  {
    name: 'Letters to a Friend, Set',
    description: 'Twelve sheets, twelve envelopes and a dozen wax-free seals.',
    priceKrw: 12_000,
    stock: 1500,
    drawing: 'envelope',
  },
  {
    name: 'Gel Pen 0.38, Black',
    description: 'Writes the moment it touches paper. One refill lasts a semester.',
    priceKrw: 3900,
    stock: 5000,
    drawing: 'pen',
  },
  {
    name: 'Week by Week Planner',
    description: 'Fifty-three undated weeks with room for plans to change.',
    priceKrw: 24_000,
    stock: 1150,
    drawing: 'notebook',
  },
  {
    name: 'Studio Pencils, 2H to 6B',
    description: 'Nine grades in a slate green box, for sketching and for sums.',
    priceKrw: 19_500,
    stock: 690,
    drawing: 'pencils',
  },
  {
    name: 'Rainy Harbour Ink, 40 ml',
    description: 'A deep blue that dries to slate. Safe in every fountain pen.',
    priceKrw: 21_000,
    stock: 0,
    drawing: 'ink',
  },
];
