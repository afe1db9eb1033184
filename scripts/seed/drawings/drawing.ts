/** The colours of one image. */
export interface Colours {
  readonly background: string;
  /** The large shape behind the object. */
  readonly halo: string;
  readonly main: string;
  readonly shade: string;
  readonly light: string;
  readonly accent: string;
  /** Lettering and fine lines. */
  readonly ink: string;
}

/** An object as SVG shapes in a box of 240 by 240 that stands on the line y = 214. */
export type Drawing = (colours: Colours) => string;
