import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const coffeeGoods: readonly Goods<DrawingName<'coffee'>>[] = [
  {
    name: 'Harbour House Blend, 250 g',
    description:
      'Milk chocolate, roasted almond and a calm finish. Ground for filter or left whole, roasted every Tuesday.',
    priceKrw: 16_800,
    stock: 2400,
    drawing: 'bag',
  },
  {
    name: 'Halla Stone Dripper',
    description: 'Stoneware cone with spiral ribs for one to two cups. Fits 02 paper filters.',
    priceKrw: 34_000,
    stock: 640,
    drawing: 'dripper',
  },
  {
    name: 'Swan Neck Kettle, 0.9 L',
    description: 'Slow, steady pour with a counterweighted handle. Works on gas and induction.',
    priceKrw: 89_000,
    stock: 310,
    drawing: 'kettle',
  },
  {
    name: 'Slow Lane Hand Grinder',
    description: 'Steel burrs with forty click settings. Grinds 25 g without waking the house.',
    priceKrw: 128_000,
    stock: 220,
    drawing: 'grinder',
  },
  {
    name: 'Low Tide Espresso Cups, Pair',
    description: 'Two 80 ml cups glazed by hand, so no two rims are the same.',
    priceKrw: 28_000,
    stock: 900,
    drawing: 'cup',
  },
  {
    name: 'Night Ferry Decaf, 200 g',
    description: 'Decaffeinated with mountain water. Brown sugar, plum and no regrets at ten in the evening.',
    priceKrw: 18_500,
    stock: 1100,
    drawing: 'bag',
  },
  {
    name: 'Clear Morning Server, 600 ml',
    description: 'Heat-proof glass with a cork collar and markings for two, three and four cups.',
    priceKrw: 24_000,
    stock: 750,
    drawing: 'server',
  },
  {
    name: 'Guji Meadow Natural, 200 g',
    description: 'Single farm, dried on raised beds. Blueberry, jasmine and a syrupy body.',
    priceKrw: 22_500,
    stock: 0,
    drawing: 'bag',
  },
  {
    name: 'Everyday Mug, Charcoal',
    description: 'Holds 320 ml, stacks neatly and survives the dishwasher.',
    priceKrw: 15_900,
    stock: 3200,
    drawing: 'cup',
  },
  {
    name: 'Pilot Dual Boiler Espresso Machine',
    description: 'Two boilers, a quiet rotary pump and a pressure dial you can read from across the bar.',
    priceKrw: 1_890_000,
    stock: 24,
    drawing: 'machine',
  },
];
