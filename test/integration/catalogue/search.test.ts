import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { repairListing } from '../../../app/catalogue/reconcile-listing.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { openAppDatabase } from '../../support/servers/open-app-database.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const signal = new AbortController().signal;
const THIRTEEN_WORDS =
  'Insulated stainless steel travel tumbler with straw lid and handle 500 ml matte black';

describe('a search for products', () => {
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

  const names = async (q: string): Promise<string[]> => {
    const reply = await shop.client(app).get(`/products?limit=100&q=${encodeURIComponent(q)}`);
    expect(reply.status, reply.text).to.equal(200);
    return reply.body.data.map(({ name }: { name: string }) => name);
  };

  const found: readonly (readonly [query: string, name: string])[] = [
    ['teekanne', 'Tee\u00adkanne aus Glas'],
    ['Tee\u00adkanne', 'Teekanne aus Ton'],
    ['걷기', '걷\u200b기 신발'],
    ['스테인리스텀블러', '스테인리스 텀블러 1호'],
    ['스테인리스 텀블러', '스테인리스텀블러 2호'],
    ['tshirt', 'Basic T-Shirt'],
    [THIRTEEN_WORDS, THIRTEEN_WORDS],
    ['κοσμοσ', 'Κόσμος'],
    ['ΚΟΣΜΟΣ', 'κόσμος μικρός'],
    ['STRASSE', 'Straßenkarte'],
    ['straße', 'STRASSENSCHILD'],
    ['istanbul', 'İstanbul bardağı'],
    ['ISPARTA', 'ısparta gülü'],
    ['long '.repeat(60), 'A long name'],
  ];
  for (const [query, name] of found) {
    it(`for ${JSON.stringify(query.slice(0, 40))} finds ${JSON.stringify(name)}`, async () => {
      await admin.newProduct({ name, stock: 1 });
      expect(await names(query)).to.include(name);
      expect(await names(name), 'by its name').to.include(name);
    });
  }

  it('treats invisible text as a blank search', async () => {
    await admin.newProduct({ name: 'anything', stock: 1 });
    expect(await names('\u3164\u200b')).to.include('anything');
  });

  it('does not match across the boundary of two words', async () => {
    await admin.newProduct({ name: 'Bowl with a tray', stock: 1 });
    expect(await names('hat')).to.not.include('Bowl with a tray');
  });

  // Rows as the release before wrote them: words with blanks, one kind of sigma at the end, and the endings
  // of each word.
  it('finds products of an earlier release once the worker has listed them again', async () => {
    const id = uuidBytes(await admin.newProduct({ name: 'Άλλος κόσ\u00adμος', stock: 1 }));
    const rows = async () => [
      await shop.database.read('SELECT * FROM product_listing WHERE product_id = ?', [id]),
      await shop.database.read('SELECT term FROM product_terms WHERE product_id = ? ORDER BY term', [id]),
    ];
    const now = await rows();
    await shop.database.write(
      "UPDATE product_listing SET search_version = 1, search_name = 'αλλος κοσ μος' WHERE product_id = ?",
      [id],
    );
    await shop.database.write('DELETE FROM product_terms WHERE product_id = ?', [id]);
    const endings = ['αλλος', 'κοσ', 'μος'].flatMap((word) =>
      Array.from(word, (_, at) => [word.slice(at), id]),
    );
    await shop.database.write('INSERT IGNORE INTO product_terms (term, product_id) VALUES ?', [endings]);
    expect(await names('κοσμοσ αλλοσ')).to.not.include('Άλλος κόσ\u00adμος');
    expect(await repairListing({ database }, signal)).to.equal(1);
    expect(await names('κοσμοσ αλλοσ')).to.include('Άλλος κόσ\u00adμος');
    expect(await rows()).to.deep.equal(now);
    expect(await repairListing({ database }, signal)).to.equal(0);
  });
});

describe('invisible text', () => {
  const shop = useTestShop();
  let admin: AdminClient;
  before(async () => {
    admin = await adminClient(shop, await shop.start(['api']));
  });

  const unseen = [' ', '\t\n', '\u3164', '\u00ad', '\u200b\u200d', '\u2800', '\ufeff', '\u{e0020}', '\u3000'];

  const misleading: readonly (readonly [detail: string, texts: readonly string[]])[] = [
    [
      'must have no characters that reorder or hide the text beside them',
      ['price \u202e00001', 'a\u202ab', 'a\u2066b', 'a\u2069b', 'a\u206ab', 'a\ufff9b\ufffac\ufffb'],
    ],
    [
      'must have no private-use characters or noncharacters',
      ['\ue000', 'a\uf8ffb', 'a\uffff', '\ufdd0b', 'a\u{1fffe}', 'a\u{f0000}', '\u{10fffd}'],
    ],
    [
      'must not begin with a combining mark',
      ['\u0301', '\u0301a', '\u200b\u0301a', ' \u20dd', '\u0e31', '\u093f', '\u05b0', '\u{1d165}'],
    ],
  ];
  const legitimate = [
    `\u3164${'😀'.repeat(50)}`,
    '스테인리스 텀블러',
    '\u1112\u1161\u11ab\u1100\u1173\u11af',
    '👩🏽‍💻 👨‍👩‍👧 ❤️ 1️⃣ 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    'كوب شاي ٢٥٠ مل',
    'می\u200cخواهم',
    '\u200fכוס תה!\u200e (2)',
    'שָׁלוֹם',
    'cafe\u0301',
    'हिन्दी',
    'กระติกน้ำ',
    'Việt Nam',
    '葛\u{e0100}城',
    'a\n\tb',
  ];

  it('is rejected like misleading text in every visible field; other text is stored unchanged', async () => {
    const productId = await admin.newProduct({ name: 'Cup', stock: 1 });
    const product = { name: 'Cup', description: 'A cup.', price: 1, stock: 1 };
    const coupon = {
      name: 'Welcome',
      discount: { kind: 'FIXED', amount: 1 },
      quantity: 1,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    };
    const adjustment = { delta: 1, reason: 'found' };
    const fields: readonly (readonly [path: string, field: string, body: object])[] = [
      ['/admin/products', 'name', product],
      ['/admin/products', 'description', product],
      ['/admin/coupons', 'name', coupon],
      [`/admin/products/${productId}/stock-adjustments`, 'reason', adjustment],
      [`/admin/orders/${productId}/cancel`, 'reason', {}],
    ];
    const send = (path: string, body: object) =>
      admin.post(path, body, { key: path.startsWith('/admin/orders') ? randomUUID() : undefined });
    const refused = [['must have something that can be seen', unseen] as const, ...misleading].flatMap(
      ([detail, texts]) => texts.map((text) => ({ detail, text })),
    );
    for (const [path, field, body] of fields) {
      for (const { detail, text } of refused) {
        const reply = await send(path, { ...body, [field]: text });
        expect(reply.status, `${path} ${field} ${JSON.stringify(text)}: ${reply.text}`).to.equal(400);
        expect(reply.body.errors, JSON.stringify(text)).to.deep.equal([{ pointer: `body/${field}`, detail }]);
      }
      for (const text of legitimate) {
        const seen = await send(path, { ...body, [field]: text });
        const about = `${path} ${field} ${JSON.stringify(text)}: ${seen.text}`;
        // No order has the id of a product: the text was accepted before that.
        if (path.startsWith('/admin/orders')) expect(seen.status, about).to.equal(404);
        else expect(seen.status, about).to.be.within(200, 201);
        if (seen.body[field] !== undefined) expect(seen.body[field], about).to.equal(text);
      }
    }
  });

  it('counts as an empty description, which is accepted', async () => {
    const reply = await admin.post('/admin/products', { name: 'Cup', description: '', price: 1, stock: 1 });
    expect(reply.status, reply.text).to.equal(201);
  });

  it('counts a character of two code units once', async () => {
    const product = { name: '😀'.repeat(200), price: 1, stock: 1 };
    const made = await admin.post('/admin/products', product);
    expect(made.status, made.text).to.equal(201);
    expect(made.body.name).to.equal(product.name);
    expect((await admin.post('/admin/products', { ...product, name: '😀'.repeat(201) })).status).to.equal(
      400,
    );
  });
});
