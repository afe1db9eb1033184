import { createHash } from 'node:crypto';
import type { Mutant } from './mutant.ts';

/** Draws by a hash of the seed and the mutant: a change of one file leaves most of a sample as it was. */
export function drawSample(
  mutants: readonly Mutant[],
  { size, seed }: { size: number; seed: string },
): Mutant[] {
  const keyed = mutants.map((mutant) => ({
    mutant,
    key: createHash('sha256')
      .update(JSON.stringify([seed, mutant]))
      .digest('hex'),
  }));
  return keyed
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, size)
    .map(({ mutant }) => mutant);
}
