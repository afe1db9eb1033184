import { createProducts, type NewProduct } from '../../../app/catalogue/create-products.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { newUuid } from '../../../app/platform/uuid.ts';

/** Products per transaction: a statement of terms stays below a megabyte. */
const GROUP = 1000;

const kinds = ['텀블러', '머그컵', '에코백', '노트', '볼펜', 'teapot', 'lamp', 'kettle', '접시', '의자'];
const makes = ['스테인리스', '도자기', '리넨', 'oak', 'walnut', 'brass', '유리', 'cotton', '가죽', 'steel'];
const looks = ['작은', '큰', 'matte', 'glossy', '하얀', '검은', 'round', 'tall', '접는', 'folding'];

/**
 * A catalogue with the difficult cases for lists:
 * - many products at the same few prices;
 * - a third sold out, and one in ten not listed;
 * - words in a tenth of the names, and words in ten of the names;
 * - correlated properties: `antique` is rather common, but only among the oldest and dearest products.
 */
export async function createLargeCatalogue(database: Database, count: number): Promise<void> {
  const createdAt = new Date();
  for (let from = 0; from < count; from += GROUP) {
    const products = Array.from({ length: Math.min(GROUP, count - from) }, (_, index) =>
      productAt(from + index, count, createdAt),
    );
    await database.withTransaction({ name: 'create_catalogue', rerunnable: false }, (tx) =>
      createProducts(tx, products),
    );
  }
}

function productAt(number: number, count: number, createdAt: Date): NewProduct {
  const draw = (salt: number, choices: number) => Math.floor(fraction(number * 16 + salt) * choices);
  const pick = (words: readonly string[], salt: number) => words[draw(salt, words.length)] as string;
  const isAntique = number < count / 20;
  const words = [pick(looks, 0), pick(makes, 1) + (draw(8, 2) === 0 ? ' ' : '') + pick(kinds, 2)];
  if (isAntique) words.unshift('antique');
  if (draw(3, count) < 10) words.push('한정판');
  return {
    id: newUuid(),
    name: `${words.join(' ')} ${number}`,
    description: 'A thing of everyday use, made to last. '.repeat(5),
    priceKrw: isAntique
      ? 5_000_000 + number
      : ([9900, 19_900, 29_900, 1000 + draw(7, 500_000)][draw(4, 4)] as number),
    status: draw(5, 10) === 0 ? 'INACTIVE' : 'ACTIVE',
    purchaseLimit: undefined,
    createdAt,
    openingStock: draw(6, 3) === 0 ? 0 : 10,
  };
}

/** A pseudo-random number in [0, 1) that is always the same for a seed (the finisher of MurmurHash3). */
function fraction(seed: number): number {
  let hash = Math.imul(seed ^ (seed >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
