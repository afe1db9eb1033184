import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createProducts } from '../../app/catalogue/create-products.ts';
import { findListed, type ListingQuery, listingSorts } from '../../app/catalogue/find-listed-sql.ts';
import { queryWords, searchName } from '../../app/catalogue/search-words.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { newUuid, uuidText } from '../../app/platform/uuid.ts';
import { openAppDatabase } from '../support/servers/open-app-database.ts';
import { checkProperty } from '../support/check-property.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers/database.ts';

const PRODUCTS = 120;
const RUNS = 300;

interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceKrw: number;
  readonly isListed: boolean;
  readonly stock: number;
}

const parts = ['컵', '유리', 'ab', 'b', 'Ä', '가나다', '다', 'x1'];

describe('findListed', () => {
  let witness: TestDatabase;
  let database: Database;
  let products: Product[];
  before(async () => {
    witness = await createTestDatabase();
    database = openAppDatabase(witness.url, { connectionsMax: 2 });
    const word = fc
      .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 })
      .map((some) => some.join(''));
    const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    const drawn = fc.sample(
      fc.record({
        name,
        priceKrw: fc.integer({ min: 0, max: 12 }),
        isListed: fc.constantFrom(true, true, true, false),
        stock: fc.constantFrom(0, 1, 5),
      }),
      PRODUCTS,
    );
    products = drawn.map((product) => ({ ...product, id: newUuid() }));
    await database.withTransaction({ name: 'test', rerunnable: false }, (tx) =>
      createProducts(
        tx,
        products.map(({ isListed, stock, ...product }) => ({
          ...product,
          description: '',
          status: isListed ? ('ACTIVE' as const) : ('INACTIVE' as const),
          purchaseLimit: undefined,
          createdAt: new Date(),
          openingStock: stock,
        })),
      ),
    );
  });
  after(() => database?.close());

  it('lists what a full scan lists, for any query and any bound on rows per statement', async function () {
    const byName = (await witness.read<{ id: Buffer }>('SELECT id FROM products ORDER BY name, id')).map(
      ({ id }) => uuidText(id),
    );
    const orders: Record<ListingQuery['sort'], (a: Product, b: Product) => number> = {
      newest: (a, b) => (a.id < b.id ? 1 : -1),
      price_asc: (a, b) => a.priceKrw - b.priceKrw || (a.id < b.id ? -1 : 1),
      price_desc: (a, b) => b.priceKrw - a.priceKrw || (a.id < b.id ? 1 : -1),
      name: (a, b) => byName.indexOf(a.id) - byName.indexOf(b.id),
    };
    const price = fc.option(fc.integer({ min: 0, max: 13 }), { nil: undefined });
    const query = fc.record({
      sort: fc.constantFrom(...listingSorts),
      words: fc.array(fc.constantFrom(...parts, '리컵', '나', 'a', 'bb', 'zz'), { maxLength: 2 }),
      price: fc.record({ min: price, max: price }),
      inStock: fc.boolean(),
      limit: fc.integer({ min: 1, max: 9 }),
    });
    const limits = fc.record({
      candidatesMax: fc.constantFrom(0, 5, 20, 1000),
      walkMax: fc.constantFrom(1, 4, 15, 1000),
    });
    await checkProperty(
      fc.asyncProperty(query, limits, async (asked, allowed) => {
        const words = queryWords(asked.words.join(' '));
        const { min = 0, max = Infinity } = asked.price;
        const expected = products
          .filter(({ isListed, stock, priceKrw, name }) => {
            const isFound = words.every((word) => searchName(name).includes(word));
            return isListed && isFound && priceKrw >= min && priceKrw <= max && (stock > 0 || !asked.inStock);
          })
          .toSorted(orders[asked.sort])
          .map(({ id }) => id);
        const listed: string[] = [];
        let after: ListingQuery['after'];
        for (let page = 0; page <= PRODUCTS * 2; page += 1) {
          const { ids, next } = await findListed(database, { ...asked, words, after }, allowed);
          assert.ok(ids.length <= asked.limit);
          listed.push(...ids);
          if (next === undefined) break;
          after = next;
        }
        assert.deepEqual(listed, expected);
      }),
      RUNS,
    );
  });
});
