import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Colours, type Kind, kindNames, kinds } from '../catalogue/kinds.ts';
import { lettering } from './lettering.ts';

export interface Pictured {
  readonly kind: Kind;
  readonly name: string;
  /** Name of one of the kind's drawings. */
  readonly drawing: string;
  /** Position among the products of the kind; selects the colours and the background shape. */
  readonly position: number;
}

export const PICTURE_SIZE_PX = 600;

const NAME_WIDTH_MAX_PX = 500;
/** Size of a name on one line; a longer name takes two lines in the smaller size. */
const NAME_SIZE_PX = 42;
const NAME_SIZE_TWO_LINES_PX = 37;
const LABEL_SIZE_PX = 17;

const halos: readonly ((colour: string) => string)[] = [
  (colour) => `<circle cx="300" cy="228" r="186" fill="${colour}"/>`,
  (colour) => `<path fill="${colour}" d="M128 382V232a172 172 0 0 1 344 0v150z"/>`,
  (colour) => `<rect x="126" y="52" width="348" height="330" rx="60" fill="${colour}"/>`,
  (colour) =>
    `<path fill="${colour}" d="M300 62l166 150-62 154H196l-62-154z" stroke="${colour}" ` +
    'stroke-width="30" stroke-linejoin="round"/>',
];

const serif = lettering('serif');
const sans = lettering('sans', 0.22);

/** SVG of a product picture; the same text for the same product on every machine. */
export function productPicture({ kind, name, drawing, position }: Pictured): string {
  const { colourways } = kinds[kind];
  const colours = colourways[position % colourways.length] as Colours;
  // Vary the shape by kind: neighbours in the catalogue share the position.
  const halo = halos[(position + kindNames.indexOf(kind)) % halos.length] as (colour: string) => string;
  const shapes = recoloured(readDrawing(kind, drawing), colourways[0] as Colours, colours);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${PICTURE_SIZE_PX}" height="${PICTURE_SIZE_PX}">
    <rect width="600" height="600" fill="${colours.background}"/>
    ${halo(colours.halo)}
    <ellipse cx="300" cy="385" rx="150" ry="13" fill="${colours.ink}" opacity=".14"/>
    <g transform="translate(144 104) scale(1.3)">${shapes}</g>
    ${captionPaths(kind, name, colours)}
  </svg>`;
}

/** Shapes of a drawing without its <svg> element. Throws if the kind has no such drawing. */
function readDrawing(kind: Kind, drawing: string): string {
  const svg = readFileSync(join(import.meta.dirname, '../catalogue', kind, `${drawing}.svg`), 'utf8');
  return svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>')).trim();
}

/** Replaces each colour of one colourway by its counterpart in another; other colours stay. */
function recoloured(shapes: string, from: Colours, to: Colours): string {
  const roles = Object.keys(from) as (keyof Colours)[];
  const counterparts = new Map(roles.map((role) => [from[role], to[role]]));
  return shapes.replaceAll(/#[0-9a-f]+/g, (colour) => counterparts.get(colour) ?? colour);
}

function captionPaths(kind: Kind, name: string, { ink, accent }: Colours): string {
  const lines = nameLines(name);
  const sizePx = lines.length === 1 ? NAME_SIZE_PX : NAME_SIZE_TWO_LINES_PX;
  const firstBaseline = lines.length === 1 ? 524 : 510;
  const path = lines
    .map((line, index) => serif.centred(line, 300, firstBaseline + index * 44, sizePx))
    .join('');
  const label = sans.centred(kind.toUpperCase(), 300, 456, LABEL_SIZE_PX);
  const half = sans.width(kind.toUpperCase(), LABEL_SIZE_PX) / 2;
  return `<path fill="${ink}" opacity=".7" d="${label}"/>
    <path stroke="${accent}" stroke-width="3" stroke-linecap="round"
      d="M${300 - half - 46} 450h28M${300 + half + 18} 450h28"/>
    <path fill="${ink}" d="${path}"/>`;
}

/** One line, or two of about the same width. Throws when a name fits on neither. */
function nameLines(name: string): string[] {
  if (serif.width(name, NAME_SIZE_PX) <= NAME_WIDTH_MAX_PX) return [name];
  const words = name.split(' ');
  const splits = words.slice(1).map((_, index) => {
    const pair = [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')];
    return { pair, widthPx: Math.max(...pair.map((line) => serif.width(line, NAME_SIZE_TWO_LINES_PX))) };
  });
  const best = splits.toSorted((a, b) => a.widthPx - b.widthPx)[0];
  if (best === undefined || best.widthPx > NAME_WIDTH_MAX_PX)
    throw new Error(`too long for a picture: ${name}`);
  return best.pair;
}
