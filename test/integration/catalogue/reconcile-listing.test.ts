import { expect } from 'chai';
import { repairListing } from '../../../app/catalogue/reconcile-listing.ts';
import { listMigrations } from '../../../app/migrations/migrate.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const signal = new AbortController().signal;

describe('the product list after direct writes to other tables', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let database: Database;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    database = openAppDatabase(shop.database.url, { connectionsMax: 2 });
  });
  after(() => database?.close());

  const names = async (query = '') =>
    (await shop.client(app).get(`/products?${query}`)).body.data.map(({ name }: { name: string }) => name);
  /** The whole listing, to compare its rows after a repair with the rows before. */
  const listing = async () => [
    await shop.database.read('SELECT * FROM product_listing ORDER BY product_id'),
    await shop.database.read('SELECT * FROM product_terms ORDER BY term, product_id'),
  ];

  it('is restored after any damage', async () => {
    const id = uuidBytes(await admin.newProduct({ name: '유리 컵', price: 100, stock: 2 }));
    await admin.newProduct({ name: 'other', stock: 0 });
    const before = await listing();
    expect(await repairListing({ database }, signal)).to.equal(0);
    const damages = [
      'DELETE FROM product_listing WHERE product_id = ?',
      'UPDATE product_listing SET in_stock = 0 WHERE product_id = ?',
      'UPDATE product_listing SET price = 1 WHERE product_id = ?',
      'UPDATE product_listing SET listed = 0 WHERE product_id = ?',
      "UPDATE product_listing SET search_version = 0, search_name = 'cup' WHERE product_id = ?",
      "UPDATE product_listing SET search_name = 'cup' WHERE product_id = ?",
      "UPDATE product_listing SET name = 'cup' WHERE product_id = ?",
    ];
    for (const damage of damages) {
      await shop.database.write(damage, [id]);
      expect(await repairListing({ database }, signal), damage).to.equal(1);
      expect(await listing(), damage).to.deep.equal(before);
    }
  });

  it('reflects rows that were changed by hand', async () => {
    const id = uuidBytes(await admin.newProduct({ name: 'old lamp', stock: 2 }));
    await shop.database.write("UPDATE products SET name = 'new torch', version = version + 1 WHERE id = ?", [
      id,
    ]);
    await shop.database.write('UPDATE product_stock SET quantity = 0 WHERE product_id = ?', [id]);
    expect(await repairListing({ database }, signal)).to.equal(1);
    expect(await names('q=torch')).to.deep.equal(['new torch']);
    expect(await names('q=lamp')).to.deep.equal([]);
    expect(await names('q=torch&inStock=true')).to.deep.equal([]);
    // An update by hand that does not increment the version.
    await shop.database.write("UPDATE products SET name = 'Café lantern' WHERE id = ?", [id]);
    expect(await repairListing({ database }, signal)).to.equal(1);
    expect(await names('q=cafe')).to.deep.equal(['Café lantern']);
    expect(await names('q=torch')).to.deep.equal([]);
  });

  it('is filled by the migration and made searchable by the worker', async () => {
    await admin.newProduct({ name: 'made before the list', stock: 1 });
    await shop.database.write('DELETE FROM product_listing');
    await shop.database.write('DELETE FROM product_terms');
    const fill = (await listMigrations()).find(({ name }) => name.startsWith('0047'));
    await shop.database.write(fill?.sql ?? '');
    expect(await names('limit=1')).to.deep.equal(['made before the list']);
    expect(await names('q=before')).to.deep.equal([]);
    const worker = await shop.start(['worker'], { env: { LISTING_RECONCILE_EVERY_MS: '100' } });
    await worker.waitForLog('listing_reconciled');
    await until('the search finds the product', async () => (await names('q=before')).length === 1);
    await worker.stop();
  });

  it('is reconciled in ranges', async () => {
    const product = `UNHEX(CONCAT('0190000000007000800000000000', LPAD(HEX(n), 4, '0')))`;
    const numbers = '(SELECT a.n + 50 * b.n AS n FROM n50 a JOIN n50 b) numbers';
    await shop.database.write('CREATE TABLE n50 (n INT PRIMARY KEY)');
    try {
      await shop.database.write('INSERT INTO n50 VALUES ?', [Array.from({ length: 50 }, (_, n) => [n])]);
      await shop.database.write(
        `INSERT INTO products (id, name, price, created_at, updated_at)
         SELECT ${product}, CONCAT('many ', n), 5, NOW(3), NOW(3) FROM ${numbers}`,
      );
      await shop.database.write(
        `INSERT INTO product_stock (product_id, quantity, version) SELECT ${product}, 1, 1 FROM ${numbers}`,
      );
    } finally {
      await shop.database.write('DROP TABLE n50');
    }
    expect(await repairListing({ database }, signal)).to.equal(2500);
    expect(await repairListing({ database }, signal)).to.equal(0);
    expect(await names('q=many&limit=100')).to.have.lengthOf(100);
  });
});
