/** Flat: each value is compared as a whole. */
export type Fields = object;

/** Who has changed a field since an edit began: `both` where the two differ. */
export type ChangedBy = 'mine' | 'theirs' | 'both';

export interface FieldDifference {
  readonly name: string;
  readonly base: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
  readonly changedBy: ChangedBy;
}

/** The fields that an edit or one saved meanwhile has changed. Compares values as JSON. */
export function differencesOf(base: Fields, theirs: Fields, mine: Fields): FieldDifference[] {
  const valueOf = (fields: Fields, name: string) => (fields as Readonly<Record<string, unknown>>)[name];
  return Object.keys(base).flatMap((name) => {
    const values = { base: valueOf(base, name), theirs: valueOf(theirs, name), mine: valueOf(mine, name) };
    const isTheirs = !isSame(values.base, values.theirs);
    const isMine = !isSame(values.base, values.mine);
    if (!isTheirs && !isMine) return [];
    const areBoth = isTheirs && isMine && !isSame(values.theirs, values.mine);
    const changedBy = areBoth ? 'both' : isTheirs ? 'theirs' : 'mine';
    return [{ name, ...values, changedBy }];
  });
}

/**
 * What to save: each side's changes, and where both changed a field the chosen one. Theirs wins where nothing
 * is chosen, because it is saved already.
 */
export function mergeEdits<F extends Fields>(
  theirs: F,
  differences: readonly FieldDifference[],
  chosen: Readonly<Record<string, 'mine' | 'theirs'>>,
): F {
  const mine = differences.filter(
    ({ name, changedBy }) => changedBy === 'mine' || (changedBy === 'both' && chosen[name] === 'mine'),
  );
  return { ...theirs, ...Object.fromEntries(mine.map(({ name, mine: value }) => [name, value])) };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
