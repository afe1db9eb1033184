import type { DrawingName } from '../drawings/drawings.ts';
import type { Goods } from './goods.ts';

export const beautyGoods: readonly Goods<DrawingName<'beauty'>>[] = [
  {
    name: 'Dew Drop Serum, 30 ml',
    description: 'Hyaluronic acid in two weights, and nothing that smells.',
    priceKrw: 42_000,
    stock: 1800,
    drawing: 'dropper',
  },
  {
    name: 'Green Tea Hand Cream',
    description: 'Sinks in before the kettle boils. 60 ml.',
    priceKrw: 14_800,
    stock: 3600,
    drawing: 'tube',
  },
  {
    name: 'Rice Milk Night Cream',
    description: 'A rich, quiet cream for skin that has been out in the wind.',
    priceKrw: 48_000,
    stock: 940,
    drawing: 'pot',
  },
  {
    name: 'Camellia Bar Soap',
    description: 'Cold-pressed camellia oil, cured for six weeks.',
    priceKrw: 9500,
    stock: 4200,
    drawing: 'soap',
  },
  {
    name: 'Velvet Lipstick, Persimmon',
    description: 'One coat, matt, and gone by the time you want it to be.',
    priceKrw: 26_000,
    stock: 1550,
    drawing: 'lipstick',
  },
  {
    name: 'Mugwort Body Wash, 400 ml',
    description: 'A bath house afternoon in a bottle that can be refilled.',
    priceKrw: 23_500,
    stock: 2050,
    drawing: 'pump',
  },
  {
    name: 'Rosehip Face Oil, 30 ml',
    description: 'Three drops, pressed between warm palms.',
    priceKrw: 38_000,
    stock: 1120,
    drawing: 'dropper',
  },
  {
    name: 'Daily Sun Cream SPF 50',
    description: 'Light as lotion, no white cast, kind to reefs. 50 ml.',
    priceKrw: 24_000,
    stock: 2750,
    drawing: 'tube',
  },
  {
    name: 'Honey Lip Sleeping Balm',
    description: 'Propolis and shea butter for dry offices and long flights.',
    priceKrw: 16_500,
    stock: 3300,
    drawing: 'pot',
  },
  {
    name: 'Velvet Lipstick, Fig',
    description: 'A brownish plum that suits more people than you would think.',
    priceKrw: 26_000,
    stock: 1480,
    drawing: 'lipstick',
  },
];
