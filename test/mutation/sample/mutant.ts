/** One small change of a source file. */
export interface Mutant {
  readonly file: string;
  /** Offsets in the file's text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The kind of change. */
  readonly kind: string;
}
