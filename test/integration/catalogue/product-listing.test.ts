import { expect } from 'chai';
import { createProducts, type NewProduct } from '../../../app/catalogue/create-products.ts';
import { editProduct } from '../../../app/catalogue/edit-product.ts';
import { adjustStock } from '../../../app/catalogue/adjust-stock.ts';
import { encodeCursor } from '../../../app/http/contract/page-cursor.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

interface Listed {
  id: string;
  name: string;
  price: number;
  stock: number;
}

describe('the list of products', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let database: Database;
  before(async () => {
    app = await shop.start(['api']);
    database = openAppDatabase(shop.database.url);
  });
  after(() => database?.close());
  beforeEach(() => shop.database.clear());

  type Fields = Partial<Pick<NewProduct, 'name' | 'priceKrw' | 'status' | 'openingStock'>>;
  const create = async (products: readonly Fields[]): Promise<string[]> => {
    const made = products.map((fields) => ({
      id: newUuid(),
      name: 'cup',
      description: '',
      priceKrw: 100,
      status: 'ACTIVE' as const,
      purchaseLimit: undefined,
      createdAt: new Date(),
      openingStock: 5,
      ...fields,
    }));
    await database.withTransaction({ name: 'test', rerunnable: false }, (tx) => createProducts(tx, made));
    return made.map(({ id }) => id);
  };
  const get = (query = '', headers: Record<string, string> = {}) =>
    shop.client(app).get(`/products?${query}`, { headers });
  const names = async (query = '') => {
    const { status, body, text } = await get(query);
    expect(status, text).to.equal(200);
    return (body.data as Listed[]).map(({ name }) => name);
  };
  const actor = { adminId: undefined, requestId: 'test' };
  const edit = (id: string, fields: { priceKrw?: number; name?: string; status?: 'ACTIVE' | 'INACTIVE' }) =>
    editProduct(
      { database, nowMs: Date.now },
      {
        fields: {
          id,
          name: 'cup',
          description: '',
          priceKrw: 100,
          status: 'ACTIVE',
          purchaseLimit: undefined,
          ...fields,
        },
        hasSeen: () => true,
        actor,
      },
    );
  const adjust = (productId: string, delta: number) =>
    adjustStock(
      { database, nowMs: Date.now },
      {
        productId,
        delta,
        reason: 'test',
        idempotencyKey: undefined,
        requestHash: Buffer.alloc(32),
        actor,
      },
    );

  describe('sorted and filtered', () => {
    beforeEach(() =>
      create([
        { name: 'b', priceKrw: 300 },
        { name: 'Á', priceKrw: 200, openingStock: 0 },
        { name: '가', priceKrw: 100 },
        { name: '나', priceKrw: 100, status: 'INACTIVE' },
        { name: 'c', priceKrw: 200 },
      ]),
    );

    it('is in the requested order, by default newest first', async () => {
      expect(await names()).to.deep.equal(['c', '가', 'Á', 'b']);
      expect(await names('sort=newest')).to.deep.equal(['c', '가', 'Á', 'b']);
      expect(await names('sort=price_asc')).to.deep.equal(['가', 'Á', 'c', 'b']);
      expect(await names('sort=price_desc')).to.deep.equal(['b', 'c', 'Á', '가']);
      expect(await names('sort=name')).to.deep.equal(['Á', 'b', 'c', '가']);
    });

    it('excludes products that do not match the filters', async () => {
      expect(await names('minPrice=200')).to.deep.equal(['c', 'Á', 'b']);
      expect(await names('maxPrice=200')).to.deep.equal(['c', '가', 'Á']);
      expect(await names('minPrice=200&maxPrice=200&sort=name')).to.deep.equal(['Á', 'c']);
      expect(await names('inStock=true')).to.deep.equal(['c', '가', 'b']);
      expect(await names('inStock=false&sort=price_asc&minPrice=101')).to.deep.equal(['Á', 'c', 'b']);
      expect(await names('inStock=true&maxPrice=250&sort=price_desc')).to.deep.equal(['c', '가']);
    });

    it('rejects invalid filters and cursors, and names them', async () => {
      const cursor = (values: (string | number)[]) => `cursor=${encodeCursor(values)}`;
      const [id] = await create([{}]);
      const wrong = {
        'minPrice=-1': 'query/minPrice',
        'maxPrice=1000000001': 'query/maxPrice',
        'sort=price': 'query/sort',
        'inStock=yes': 'query/inStock',
        'limit=0': 'query/limit',
        'limit=101': 'query/limit',
        'colour=red': 'query',
        'q=a%00b': 'query/q',
        'cursor=x': 'query/cursor',
        [cursor(['newest'])]: 'query/cursor',
        [cursor(['newest', 'x'])]: 'query/cursor',
        [cursor(['newest', 1, id as string])]: 'query/cursor',
        [cursor(['price_asc', 1, id as string])]: 'query/cursor',
        [`sort=price_desc&${cursor(['price_asc', 1, id as string])}`]: 'query/cursor',
        [`sort=price_asc&${cursor(['price_asc', -1, id as string])}`]: 'query/cursor',
        [`sort=price_asc&${cursor(['price_asc', 1.5, id as string])}`]: 'query/cursor',
        [`sort=price_asc&${cursor(['price_asc', '1', id as string])}`]: 'query/cursor',
        [`sort=name&${cursor(['name', '\u0000', id as string])}`]: 'query/cursor',
      };
      for (const [query, pointer] of Object.entries(wrong)) {
        const { status, body } = await get(query);
        expect(status, query).to.equal(400);
        expect(body.code).to.equal('validation_failed');
        expect(body.errors.map((error: { pointer: string }) => error.pointer)).to.deep.equal([pointer]);
      }
    });
  });

  describe('searched', () => {
    it('finds a part of any word, in Korean and English, ignoring case and accents', async () => {
      await create([{ name: '스테인리스텀블러 500ml' }, { name: 'Smartphone Café' }, { name: '유리 컵' }]);
      for (const q of ['텀블러', '스테인', '리스텀', '500', '텀블러 스테인리스', '러']) {
        expect(await names(`q=${encodeURIComponent(q)}`), q).to.deep.equal(['스테인리스텀블러 500ml']);
      }
      for (const q of ['PHONE', 'cafe', 'CAFÉ', 'smart caf', 'ｐｈｏｎｅ', 'art-phone']) {
        expect(await names(`q=${encodeURIComponent(q)}`), q).to.deep.equal(['Smartphone Café']);
      }
      for (const q of ['텀블러 컵', 'tphones', 'caffe', 'ecafé', '!', '☕', '%', '_']) {
        expect(await names(`q=${encodeURIComponent(q)}`), q).to.deep.equal([]);
      }
    });

    it('finds nothing in an empty price range', async () => {
      await create([{}]);
      expect(await names('minPrice=200&maxPrice=1')).to.deep.equal([]);
    });

    it('treats a blank search as none, and rejects no search text', async () => {
      await create([{ name: 'a%b' }]);
      expect(await names('q=')).to.deep.equal(['a%b']);
      expect(await names('q=+%20')).to.deep.equal(['a%b']);
      const hostile = [
        '+',
        '-a',
        '*',
        '"',
        '(((',
        '+-a',
        '@5',
        'a"b',
        '~',
        '<a>',
        "' OR 1=1 --",
        '\\',
        '%',
        '_',
      ];
      const odd = [
        'a\u0301'.repeat(50),
        '\u202e',
        '𠮷',
        'ﷺ'.repeat(100),
        '\u1100'.repeat(100),
        '0'.repeat(100),
      ];
      for (const q of [...hostile, ...odd, 'null', '[]', '${1}', '\ud7ff', '\uffff', 'İ', 'ß', 'ŉ']) {
        const { status, text } = await get(`q=${encodeURIComponent(q)}`);
        expect(status, `${q} ${text}`).to.equal(200);
      }
    });

    it('combines with every sort and filter, and with a cursor', async () => {
      await create([
        { name: 'red cup', priceKrw: 10 },
        { name: 'blue cup', priceKrw: 20 },
        { name: 'red mug', priceKrw: 30 },
        { name: 'green cup', priceKrw: 40, openingStock: 0 },
        { name: 'cup of tin', priceKrw: 50 },
      ]);
      expect(await names('q=cup&sort=price_desc')).to.deep.equal([
        'cup of tin',
        'green cup',
        'blue cup',
        'red cup',
      ]);
      expect(await names('q=cup&inStock=true&minPrice=20&sort=name')).to.deep.equal([
        'blue cup',
        'cup of tin',
      ]);
      const { body } = await get('q=cup&sort=name&limit=2');
      expect(await names(`q=cup&sort=name&limit=2&cursor=${body.nextCursor}`)).to.deep.equal([
        'green cup',
        'red cup',
      ]);
    });

    it('finds a renamed product by its new name only', async () => {
      const [id] = await create([{ name: 'old kettle' }]);
      await edit(id as string, { name: 'new teapot' });
      expect(await names('q=teapot')).to.deep.equal(['new teapot']);
      expect(await names('q=kettle')).to.deep.equal([]);
      expect(
        await shop.database.value("SELECT COUNT(*) FROM product_terms WHERE term LIKE 'kettle%'"),
      ).to.equal(0);
    });
  });

  it('shows at once what is sold out, restocked, repriced or off sale', async () => {
    const [cup, pen] = (await create([{ name: 'cup' }, { name: 'pen', priceKrw: 50 }])) as [string, string];
    const customer = await shop.client(app).newCustomer(1000);
    const order = await customer.postOrder([{ productId: cup, quantity: 5 }]);
    expect(order.status, order.text).to.equal(200);
    expect(await names('inStock=true')).to.deep.equal(['pen']);
    // The API checks the page against the stock, so the page alone does not prove what the listing holds.
    expect(await shop.database.value('SELECT SUM(in_stock) FROM product_listing')).to.equal(1);
    expect(await names()).to.deep.equal(['pen', 'cup']);
    await customer.request('POST', `/orders/${order.body.id}/cancel`, { key: 'back' });
    expect(await names('inStock=true')).to.deep.equal(['pen', 'cup']);
    await adjust(cup, -5);
    expect(await names('inStock=true')).to.deep.equal(['pen']);
    await adjust(cup, 1);
    expect(await names('inStock=true')).to.deep.equal(['pen', 'cup']);
    await edit(cup, { priceKrw: 10, name: 'cup' });
    expect(await names('sort=price_asc')).to.deep.equal(['cup', 'pen']);
    await edit(pen, { status: 'INACTIVE', name: 'pen', priceKrw: 50 });
    for (const query of ['', 'q=pen', 'sort=name', 'minPrice=50&maxPrice=50', 'inStock=true']) {
      expect(await names(query), query).not.to.include('pen');
    }
    await edit(pen, { status: 'ACTIVE', name: 'pen', priceKrw: 50 });
    expect(await names('q=pen')).to.deep.equal(['pen']);
  });

  describe('paged while the shop is busy', () => {
    for (const query of [
      'sort=newest',
      'sort=price_asc',
      'sort=price_desc',
      'sort=name',
      'sort=name&q=cup',
      'sort=newest&minPrice=1',
      'sort=price_asc&inStock=true',
    ]) {
      it(`shows each product once: ${query}`, async () => {
        const steady = await create(
          Array.from({ length: 60 }, (_, number) => ({
            name: `cup ${number % 7}`,
            priceKrw: 100 + (number % 5),
          })),
        );
        const moving = await create(Array.from({ length: 20 }, () => ({ name: 'cup that moves' })));
        const shopkeeper = { isBusy: true, turns: 0 };
        const keepBusy = async () => {
          for (; shopkeeper.isBusy; shopkeeper.turns += 1) {
            const { turns } = shopkeeper;
            await create([{ name: `cup ${turns % 7}`, priceKrw: 100 + (turns % 5) }]);
            const id = moving[turns % moving.length] as string;
            await edit(id, { name: 'cup that moves', priceKrw: 98 + ((turns * 7) % 9) });
            await adjust(id, turns % 2 === 0 ? -5 : 5);
          }
        };
        const work = keepBusy();
        const seen: string[] = [];
        try {
          for (let cursor: string | null = ''; cursor !== null; ) {
            const { turns } = shopkeeper;
            const reply = await get(`${query}&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
            expect(reply.status, reply.text).to.equal(200);
            seen.push(...(reply.body.data as Listed[]).map(({ id }) => id));
            cursor = reply.body.nextCursor;
            // The shop has changed something between any two pages.
            await until('the shop has moved on', () => shopkeeper.turns > turns, { intervalMs: 1 });
          }
        } finally {
          shopkeeper.isBusy = false;
          await work;
        }
        const times = Map.groupBy(seen, (id) => id);
        for (const id of steady) expect(times.get(id)?.length, id).to.equal(1);
        // Only products that move along the list during the read may appear twice.
        const twice = [...times].filter(([, met]) => met.length > 1).map(([id]) => id);
        expect(query.includes('price_') ? twice.filter((id) => !moving.includes(id)) : twice).to.deep.equal(
          [],
        );
      });
    }
  });
});
