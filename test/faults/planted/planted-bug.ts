/** A plausible mistake, planted into a copy of the app: the checker must detect it. */
export interface PlantedBug {
  /** Stable, kebab-case. */
  readonly name: string;
  /** What the shop then does wrong, and why that matters. */
  readonly why: string;
  readonly edits: readonly Edit[];
  /** Set for a bug that only a run on Kafka can show. */
  readonly events?: 'kafka';
  /** Set for a bug that shows only when an hour ends between an order and what follows it. */
  readonly midnight?: true;
  /** Names of the faults that reveal the bug; if absent, faults are drawn from all. */
  readonly schedule?: readonly string[];
}

/** One change of a source file. */
export interface Edit {
  /** Path from the top of the project. */
  readonly file: string;
  /** Text that occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}
