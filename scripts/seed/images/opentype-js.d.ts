/** The parts of opentype.js used here; its published types require the whole DOM. */
declare module 'opentype.js/dist/opentype.mjs' {
  export type PathCommand =
    | { readonly type: 'M' | 'L'; readonly x: number; readonly y: number }
    | { readonly type: 'Q'; readonly x1: number; readonly y1: number; readonly x: number; readonly y: number }
    | {
        readonly type: 'C';
        readonly x1: number;
        readonly y1: number;
        readonly x2: number;
        readonly y2: number;
        readonly x: number;
        readonly y: number;
      }
    | { readonly type: 'Z' };

  export interface Font {
    /** Width in the unit of `fontSize`. `letterSpacing` is in ems. */
    getAdvanceWidth(text: string, fontSize: number, options?: { letterSpacing?: number }): number;
    /** The outline of a line of text whose baseline starts at (x, y). */
    getPath(
      text: string,
      x: number,
      y: number,
      fontSize: number,
      options?: { letterSpacing?: number },
    ): { readonly commands: readonly PathCommand[] };
  }

  /** Reads a TTF, OTF or WOFF font. */
  export function parse(bytes: ArrayBuffer): Font;
}
