import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const toyGoods: readonly Goods<DrawingName<'toys'>>[] = [
  {
    name: 'Beech Building Blocks',
    description: 'Forty blocks and one roof, sanded until they feel like pebbles.',
    priceKrw: 48_000,
    stock: 980,
    drawing: 'blocks',
  },
  {
    name: 'Little Mountain Train',
    description: 'An engine of beech and maple that pulls anything with a magnet.',
    priceKrw: 39_000,
    stock: 860,
    drawing: 'train',
  },
  {
    name: 'Barnaby the Bear',
    description: 'Stands 32 cm tall, jointed, and an excellent listener.',
    priceKrw: 45_000,
    stock: 1270,
    drawing: 'bear',
  },
  {
    name: 'Harbour Wind Kite',
    description: 'Flies in a light breeze and lands without sulking.',
    priceKrw: 27_000,
    stock: 1600,
    drawing: 'kite',
  },
  {
    name: 'Stacking Rocket',
    description: 'Seven pieces, one astronaut, countless launches.',
    priceKrw: 33_000,
    stock: 1130,
    drawing: 'rocket',
  },
  {
    name: 'Hundred Acre Puzzle, 500 pieces',
    description: 'Thick board, a linen finish and no two pieces alike.',
    priceKrw: 29_000,
    stock: 1750,
    drawing: 'puzzle',
  },
  {
    name: 'Alphabet Blocks',
    description: 'Twenty-six letters on one side, twenty-six animals on the other.',
    priceKrw: 36_000,
    stock: 1340,
    drawing: 'blocks',
  },
  {
    name: 'Night Express Train Set',
    description: 'An oval of track, a tunnel and an engine with a lamp.',
    priceKrw: 89_000,
    stock: 420,
    drawing: 'train',
  },
  {
    name: 'Pocket Bear',
    description: 'The size of a hand, for coats and for courage.',
    priceKrw: 18_500,
    stock: 2900,
    drawing: 'bear',
  },
  {
    name: 'Two-line Stunt Kite',
    description: 'For the second summer, when loops are no longer an accident.',
    priceKrw: 54_000,
    stock: 610,
    drawing: 'kite',
  },
];
