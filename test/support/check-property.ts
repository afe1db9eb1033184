import * as fc from 'fast-check';

const RUNS = 500;

/**
 * Checks a property with a seed of this run and names the seed in the failure, so that it can be repeated:
 * `PROPERTY_SEED=… ./scripts/test --suite=property`.
 */
export async function checkProperty<T>(
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  runs = RUNS,
): Promise<void> {
  const seed = Number(process.env['PROPERTY_SEED'] || Math.floor(Math.random() * 2 ** 31));
  console.log(`      seed ${seed}, ${runs} runs`);
  await fc.assert(property as fc.IAsyncProperty<T>, { seed, numRuns: runs });
}
