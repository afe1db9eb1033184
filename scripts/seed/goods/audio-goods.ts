import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const audioGoods: readonly Goods<DrawingName<'audio'>>[] = [
  {
    name: 'Hush Over-ear Headphones',
    description: 'Wool ear pads, forty hours of battery and noise cancelling that does not press.',
    priceKrw: 389_000,
    stock: 430,
    drawing: 'headphones',
  },
  {
    name: 'Porch Bookshelf Speaker',
    description: 'A five-inch paper cone in a birch box. Sold singly, best in pairs.',
    priceKrw: 245_000,
    stock: 260,
    drawing: 'speaker',
  },
  {
    name: 'Pebble Wireless Earbuds',
    description: 'Small enough to forget. The case charges six times over.',
    priceKrw: 139_000,
    stock: 1900,
    drawing: 'earbuds',
  },
  {
    name: 'Kitchen Counter Radio',
    description: 'One dial, one speaker, and every station within sixty kilometres.',
    priceKrw: 98_000,
    stock: 560,
    drawing: 'radio',
  },
  {
    name: 'Voice Memo Microphone',
    description: 'A warm studio microphone with a plain USB plug.',
    priceKrw: 176_000,
    stock: 310,
    drawing: 'microphone',
  },
  {
    name: 'Commuter Headphones, Folding',
    description: 'Light, folding, and clear at low volume. Wired, so never flat.',
    priceKrw: 64_000,
    stock: 1400,
    drawing: 'headphones',
  },
  {
    name: 'Lighthouse Floor Speaker',
    description: 'Room-filling bass from a cabinet as slim as a bookshelf.',
    priceKrw: 720_000,
    stock: 70,
    drawing: 'speaker',
  },
  {
    name: 'Pebble Sport Earbuds',
    description: 'The same pebbles with hooks for running and a coat against rain.',
    priceKrw: 159_000,
    stock: 1250,
    drawing: 'earbuds',
  },
  {
    name: 'Camp Radio with Crank',
    description: 'One minute of cranking, ten minutes of music. Charges a phone in need.',
    priceKrw: 72_000,
    stock: 830,
    drawing: 'radio',
  },
  {
    name: 'First Light Turntable, Numbered',
    description: 'One hundred made, each with its number under the platter. One a customer.',
    priceKrw: 690_000,
    stock: 100,
    purchaseLimit: 1,
    drawing: 'turntable',
  },
];
