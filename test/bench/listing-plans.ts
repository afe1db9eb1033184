import type { ListingQuery } from '../../app/catalogue/find-listed-sql.ts';
import { listProducts } from '../../app/catalogue/list-products.ts';
import { listingRequests } from '../support/http/listing-requests.ts';
import { openReadCounter } from '../support/servers/read-counter.ts';

/** One or two examples for each kind of query in docs/catalogue.md. */
const titles = [
  'newest',
  'name, in stock',
  'price_asc, few prices',
  'newest, q in ten names',
  'price_desc, few prices, in stock',
  'newest, q in every tenth name',
  'name, q in old names only, prices of the old',
] as const;

/** Describes how the server executes the first page of some requests: a table for docs/catalogue.md. */
export async function listingPlans(databaseUrl: string, limit: number): Promise<string[]> {
  const counter = await openReadCounter(databaseUrl);
  const lines = ['| request | statement | plan | rows read |', '|---|---|---|---:|'];
  for (const title of titles) {
    const request = listingRequests().find((one) => one.title === title);
    if (request === undefined) throw new Error(`no request ${title}`);
    const query: ListingQuery = { ...request.query, after: undefined, limit };
    await listProducts(counter, query);
    for (const { sql, rowsRead } of counter.take()) {
      const plan = (await counter.explain(sql))
        .filter(({ table }) => table !== null)
        .map(({ table, type, key }) => [table, type, key].filter((part) => part !== null).join(' '));
      lines.push(`| ${title} | ${whatFor(sql)} | ${plan.join('; ')} | ${rowsRead} |`);
    }
  }
  await counter.close();
  return lines;
}

function whatFor(sql: string): string {
  if (sql.includes('AS beyond')) return 'are there few candidates?';
  if (sql.includes('product_stock s')) return 'the products of the page';
  if (sql.includes('LIMIT 1 OFFSET')) return 'where the walk ends';
  return 'the page';
}
