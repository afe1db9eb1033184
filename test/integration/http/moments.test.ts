import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('timestamps in a request', () => {
  const shop = useTestShop();
  let admin: AdminClient;
  before(async () => {
    admin = await adminClient(shop, await shop.start(['api']));
  });

  const create = (validFrom: string, validUntil = '2099-12-31T23:59:59Z') =>
    admin.post('/admin/coupons', {
      name: 'Window',
      discount: { kind: 'FIXED', amount: 1 },
      quantity: 1,
      validFrom,
      validUntil,
    });

  const accepted: readonly (readonly [given: string, utc: string])[] = [
    ['2026-12-01T00:00:00+09:00', '2026-11-30T15:00:00.000Z'],
    ['2026-12-01T00:00:00-03:30', '2026-12-01T03:30:00.000Z'],
    ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01T00:00:00.1234567+00:00', '2026-12-01T00:00:00.123Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
    // The year is the one that is written.
    ['2020-01-01T00:00:00+14:00', '2019-12-31T10:00:00.000Z'],
    ['2020-01-01T00:00:00+23:59', '2019-12-31T00:01:00.000Z'],
    ['2019-12-31T00:00:00Z', '2019-12-31T00:00:00.000Z'],
  ];
  for (const [given, utc] of accepted) {
    it(`are accepted and stored in UTC: ${given}`, async () => {
      const made = await create(given);
      expect(made.status, made.text).to.equal(201);
      expect(made.body.validFrom).to.equal(utc);
      const stored = await shop.database.value(
        "SELECT DATE_FORMAT(valid_from, '%Y-%m-%dT%H:%i:%s.%f') FROM coupons ORDER BY id DESC LIMIT 1",
      );
      expect(String(stored).slice(0, 23)).to.equal(utc.slice(0, 23));
      const [listed] = (await admin.get('/admin/coupons?limit=1')).body.data;
      expect(listed.validFrom).to.equal(utc);
    });
  }

  const refused = [
    '2026-12-01',
    '2026-12-01T00:00:00',
    '2026-12-01T00:00Z',
    '2026-12-01 00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-12-01T24:00:00Z',
    '2026-12-01T00:00:60Z',
    '2026-12-01T00:00:00+24:00',
    '2026-12-01T00:00:00+0900',
    '2019-12-30T23:59:59Z',
    '2019-12-31T23:59:59+00:00',
    '2100-01-01T00:00:00-01:00',
    '2100-01-02T00:00:00Z',
    '+02026-12-01T00:00:00Z',
    'tomorrow',
  ];
  it('are rejected if invalid, without an offset, or outside 2020 to 2099', async () => {
    for (const given of refused) {
      const reply = await create(given);
      expect(reply.status, `${given}: ${reply.text}`).to.equal(400);
      expect(reply.body.errors[0].pointer).to.equal('body/validFrom');
    }
  });

  it('are accepted in the form of a response, even if an offset crosses the range', async () => {
    const edges = [
      ['2020-01-01T00:00:00+23:59', '2099-12-31T23:59:59.999-23:59'],
      ['2020-01-01T00:00:00Z', '2099-12-31T23:59:59-00:01'],
    ] as const;
    for (const [from, to] of edges) {
      const { body } = await create(from, to);
      const { id, name, discount, minimumOrder, quantity, status, validFrom, validUntil } = body;
      const sent = { name, discount, minimumOrder, quantity, status, validFrom, validUntil };
      const edited = await admin.request('PUT', `/admin/coupons/${id}`, {
        body: sent,
        headers: { 'If-Match': '*' },
      });
      expect(edited.status, `${JSON.stringify(sent)}: ${edited.text}`).to.equal(200);
      expect(edited.body).to.include({ validFrom, validUntil });
    }
  });

  it('are compared as times and not as text', async () => {
    expect((await create('2026-12-01T09:00:00+09:00', '2026-12-01T00:00:00Z')).status).to.equal(400);
    expect((await create('2026-12-01T09:00:00+09:00', '2026-12-01T00:00:01Z')).status).to.equal(201);
  });
});
