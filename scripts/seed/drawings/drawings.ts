import { audioDrawings } from './audio-drawings.ts';
import { beautyDrawings } from './beauty-drawings.ts';
import { bookDrawings } from './book-drawings.ts';
import { clothingDrawings } from './clothing-drawings.ts';
import { coffeeDrawings } from './coffee-drawings.ts';
import { homeDrawings } from './home-drawings.ts';
import { kitchenDrawings } from './kitchen-drawings.ts';
import { outdoorDrawings } from './outdoor-drawings.ts';
import { stationeryDrawings } from './stationery-drawings.ts';
import { toyDrawings } from './toy-drawings.ts';

/** Every drawing, by the kind of goods and its name. */
export const drawings = {
  coffee: coffeeDrawings,
  kitchen: kitchenDrawings,
  stationery: stationeryDrawings,
  audio: audioDrawings,
  clothing: clothingDrawings,
  outdoor: outdoorDrawings,
  books: bookDrawings,
  home: homeDrawings,
  beauty: beautyDrawings,
  toys: toyDrawings,
} as const;

/** A kind of goods. */
export type Kind = keyof typeof drawings;

export type DrawingName<K extends Kind> = keyof (typeof drawings)[K] & string;
