import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const bookGoods: readonly Goods<DrawingName<'books'>>[] = [
  {
    name: 'A Slow Map of the Coast',
    description: 'A year of walking from one fishing village to the next, with drawings.',
    priceKrw: 19_800,
    stock: 1600,
    drawing: 'sunrise',
  },
  {
    name: 'The City Before Breakfast',
    description: 'Forty short essays on bakers, street sweepers and night nurses.',
    priceKrw: 16_500,
    stock: 1900,
    drawing: 'city',
  },
  {
    name: 'Herbs on a Windowsill',
    description: 'What grows in a north-facing kitchen, and what to cook with it.',
    priceKrw: 22_000,
    stock: 1250,
    drawing: 'leaves',
  },
  {
    name: 'Plain Shapes',
    description: 'An introduction to graphic design with only a circle and a square.',
    priceKrw: 34_000,
    stock: 640,
    drawing: 'grid',
  },
  {
    name: "The Night Gardener's Almanac",
    description: 'Moon phases, sowing dates and a story for each month.',
    priceKrw: 24_500,
    stock: 870,
    drawing: 'moon',
  },
  {
    name: 'Letters from the Ferry',
    description: 'A novel in postcards, sent over thirty summers.',
    priceKrw: 15_800,
    stock: 2200,
    drawing: 'sunrise',
  },
  {
    name: 'Rooftops, Drawn',
    description: 'One hundred skylines in ink, one for each day of a long holiday.',
    priceKrw: 28_000,
    stock: 720,
    drawing: 'city',
  },
  {
    name: 'The Patient Cook',
    description: 'Ninety recipes that mostly look after themselves.',
    priceKrw: 31_000,
    stock: 1380,
    drawing: 'leaves',
  },
  {
    name: 'Numbers at Play',
    description: 'Puzzles for long trains, with answers for short ones.',
    priceKrw: 13_900,
    stock: 2900,
    drawing: 'grid',
  },
  {
    name: 'Tell Me About the Stars',
    description: 'A bedtime atlas of the sky for ages four to eight.',
    priceKrw: 17_500,
    stock: 1700,
    drawing: 'moon',
  },
];
