import { expect } from 'chai';
import {
  findListed,
  listingLimits,
  type ListingQuery,
  listingSorts,
} from '../../../app/catalogue/find-listed-sql.ts';
import { listProducts, searchAllProducts } from '../../../app/catalogue/list-products.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { createLargeCatalogue } from '../../support/shop/large-catalogue.ts';
import { listingRequests } from '../../support/http/listing-requests.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';

const PRODUCTS = 30_000;
const PAGES = 3;
/** A row behind an index entry counts twice, and a third time if it is sorted in a temporary table. */
const ROWS_READ_MAX = 3 * Math.max(listingLimits.walkMax, listingLimits.candidatesMax) + 1000;

describe('the list of a large shop', () => {
  let database: TestDatabase;
  let counter: ReadCounter;

  before(async function () {
    database = await createTestDatabase();
    const app = openAppDatabase(database.url, { connectionsMax: 2 });
    await createLargeCatalogue(app, PRODUCTS);
    await app.close();
    await database.read('ANALYZE TABLE products, product_stock, product_listing, product_terms');
    counter = await openReadCounter(database.url);
  });
  after(() => counter?.close());

  for (const sort of listingSorts) {
    it(`reads a bounded number of index entries for any query, sorted by ${sort}`, async function () {
      const faults: string[] = [];
      let most = 0;
      for (const { title, query } of listingRequests().filter(({ query }) => query.sort === sort)) {
        let after: ListingQuery['after'];
        for (let page = 0; page < PAGES; page += 1) {
          const { next } = await listProducts(counter, { ...query, after, limit: 100 });
          for (const { sql, rowsRead } of counter.take()) {
            most = Math.max(most, rowsRead);
            if (rowsRead > ROWS_READ_MAX) faults.push(`${title}: ${rowsRead} rows: ${sql}`);
            for (const { table, type, key } of await counter.explain(sql)) {
              const isScan = type === 'ALL' || type === 'index';
              if (isScan && table?.startsWith('p') === true)
                faults.push(`${title}: ${type} ${table} ${key}: ${sql}`);
            }
          }
          if (next === undefined) break;
          after = next;
        }
      }
      console.log(`      ${most} rows a statement at most, of ${PRODUCTS} products`);
      expect(faults.slice(0, 5).join('\n')).to.equal('');
    });
  }

  it('reads a bounded number of index entries for any search by an admin', async () => {
    const searches = listingRequests().filter(({ query }) => query.words.length > 0);
    expect(searches).to.have.length.greaterThan(5);
    for (const { title, query } of searches) {
      let beforeId: string | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const { words } = query;
        const { next } = await searchAllProducts(
          { read: counter.readReplica },
          { words, beforeId, limit: 100 },
        );
        for (const { sql, rowsRead } of counter.take())
          expect(rowsRead, `${title}: ${sql}`).to.be.at.most(ROWS_READ_MAX);
        if (next === undefined) break;
        beforeId = next.id;
      }
    }
  });

  it('would be reported if it scanned', async () => {
    await counter.readReplica('SELECT MAX(search_name) FROM product_listing');
    const [{ sql, rowsRead } = { sql: '', rowsRead: 0 }] = counter.take();
    expect(rowsRead).to.be.greaterThan(ROWS_READ_MAX);
    expect((await counter.explain(sql))[0]).to.deep.include({ table: 'product_listing', type: 'ALL' });
  });

  it('ends a page where its read limit is reached, and the next one continues there', async () => {
    const query: ListingQuery = {
      sort: 'newest',
      words: ['antique'],
      price: { min: undefined, max: undefined },
      inStock: false,
      after: undefined,
      limit: 100,
    };
    const found: string[] = [];
    let pages = 0;
    for (let after: ListingQuery['after'], more = true; more; pages += 1) {
      const page = await findListed(counter, { ...query, after });
      found.push(...page.ids);
      after = page.next;
      more = after !== undefined;
    }
    counter.take();
    const expected = await database.value(
      "SELECT COUNT(*) FROM products WHERE name LIKE 'antique%' AND status = 'ACTIVE'",
    );
    expect(found).to.have.lengthOf(expected);
    expect(new Set(found).size).to.equal(expected);
    expect(pages).to.be.lessThan((PRODUCTS / listingLimits.walkMax) * 2);
  });
});
