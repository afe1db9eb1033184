import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const kitchenGoods: readonly Goods<DrawingName<'kitchen'>>[] = [
  {
    name: "Dawn Chef's Knife, 21 cm",
    description: 'Layered steel with a walnut handle. Sharpened on stone before it leaves the workshop.',
    priceKrw: 148_000,
    stock: 260,
    drawing: 'knife',
  },
  {
    name: 'Hearth Skillet, 26 cm',
    description: 'Cast iron, seasoned three times with flaxseed oil. Gets better every week.',
    priceKrw: 79_000,
    stock: 480,
    drawing: 'skillet',
  },
  {
    name: 'Rice Bowls, Set of Four',
    description: 'Four porcelain bowls in four quiet glazes. Each holds 350 ml.',
    priceKrw: 42_000,
    stock: 1300,
    drawing: 'bowl',
  },
  {
    name: 'Camphor Cutting Board',
    description: 'One piece of camphor wood that smells of forest when it is washed.',
    priceKrw: 58_000,
    stock: 540,
    drawing: 'board',
  },
  {
    name: 'Sunday Stew Pot, 4 L',
    description: 'Enamelled cast iron for soups that take all afternoon.',
    priceKrw: 165_000,
    stock: 190,
    drawing: 'pot',
  },
  {
    name: 'Onggi Storage Jar, 3 L',
    description: 'Breathing earthenware for kimchi, miso and patience.',
    priceKrw: 49_000,
    stock: 420,
    drawing: 'jar',
  },
  {
    name: 'Brass Spoon and Chopsticks',
    description: 'A heavy spoon, two slim chopsticks and a cotton sleeve. Polishes up with lemon.',
    priceKrw: 36_000,
    stock: 860,
    drawing: 'cutlery',
  },
  {
    name: 'Petty Knife, 13 cm',
    description: 'Small enough for garlic, keen enough for fish. Magnolia handle.',
    priceKrw: 86_000,
    stock: 350,
    drawing: 'knife',
  },
  {
    name: 'Ash Glaze Noodle Bowl',
    description: 'Deep and wide, with a notch for chopsticks. Fired for two days.',
    priceKrw: 23_000,
    stock: 1750,
    drawing: 'bowl',
  },
  {
    name: 'Little Omelette Pan, 18 cm',
    description: 'Carbon steel with sloped sides. Folds a two-egg omelette by itself, nearly.',
    priceKrw: 39_000,
    stock: 980,
    drawing: 'skillet',
  },
];
