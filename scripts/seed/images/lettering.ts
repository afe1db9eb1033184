import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Font, parse, type PathCommand } from 'opentype.js/dist/opentype.mjs';

const require = createRequire(import.meta.url);

const files = {
  serif: '@fontsource/dm-serif-display/files/dm-serif-display-latin-400-normal.woff',
  sans: '@fontsource/jost/files/jost-latin-500-normal.woff',
} as const;

export type Typeface = keyof typeof files;

export interface Lettering {
  /** Width in pixels. */
  width(text: string, sizePx: number): number;
  /** Path data of a line centred on x with its baseline on y. */
  centred(text: string, x: number, y: number, sizePx: number): string;
}

/**
 * Renders text as outlines of a packaged font. An SVG <text> would use the machine's fonts, and a slim
 * container has none.
 */
export function lettering(typeface: Typeface, letterSpacingEm = 0): Lettering {
  const bytes = readFileSync(require.resolve(files[typeface]));
  const font: Font = parse(new Uint8Array(bytes).buffer);
  const options = { letterSpacing: letterSpacingEm };
  const width = (text: string, sizePx: number) =>
    // The last letter's spacing is part of the advance but not visible.
    font.getAdvanceWidth(text, sizePx, options) - letterSpacingEm * sizePx;
  return {
    width,
    centred: (text, x, y, sizePx) =>
      font
        .getPath(text, x - width(text, sizePx) / 2, y, sizePx, options)
        .commands.map(pathData)
        .join(''),
  };
}

/**
 * Own implementation: toPathData of opentype.js 2.0.0 writes NaN for some curves, and an SVG path ends there.
 */
function pathData(command: PathCommand): string {
  switch (command.type) {
    case 'M':
    case 'L':
      return `${command.type}${numbers(command.x, command.y)}`;
    case 'Q':
      return `Q${numbers(command.x1, command.y1, command.x, command.y)}`;
    case 'C':
      return `C${numbers(command.x1, command.y1, command.x2, command.y2, command.x, command.y)}`;
    case 'Z':
      return 'Z';
  }
}

function numbers(...values: readonly number[]): string {
  return values.map((value) => value.toFixed(1)).join(' ');
}
