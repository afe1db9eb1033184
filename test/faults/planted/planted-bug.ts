/** A mistake that somebody could make, put into a copy of the app: the checker has to see it. */
export interface PlantedBug {
  /** Stable, kebab-case. */
  readonly name: string;
  /** What the shop does wrong then, and why it matters. */
  readonly why: string;
  readonly edits: readonly Edit[];
  /** Names of the faults that it shows under; all are drawn from where it is not given. */
  readonly schedule?: readonly string[];
}

/** One change of a source file. */
export interface Edit {
  /** From the top of the project. */
  readonly file: string;
  /** Occurs in it exactly once. */
  readonly find: string;
  readonly replace: string;
}
