import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { openRawHttp } from '../../support/http/raw-http.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('unreadable bytes behind an order on the same connection', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const strays = [
    'surplus',
    '\r\nxx\r\n\r\n',
    '\u0000\u0001\u0002',
    'GET / HTTP/9.9\r\n\r\n',
    // By default, Node drops the connection of a CONNECT at once.
    'CONNECT /orders HTTP/1.1\r\nHost: shop\r\n\r\n',
  ];
  for (const stray of strays) {
    it(`do not suppress its response (${JSON.stringify(stray)})`, async () => {
      const cup = await admin.newProduct({ price: 1, stock: 5 });
      const customer = await shop.client(app).newCustomer(100);
      const body = JSON.stringify({ items: [{ productId: cup, quantity: 2 }] });
      const connection = await openRawHttp(app.url);
      connection.write(
        `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
          'Idempotency-Key: k\r\n' +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}${stray}`,
      );
      const reply = await connection.reply();
      expect(reply.status, reply.text).to.equal(200);
      expect(reply.headers.get('connection')).to.equal('close');
      const { data } = (await customer.get('/orders?key=k')).body;
      expect(data).to.deep.equal([JSON.parse(reply.text)]);
      await until('the connection is closed', () => connection.closed);
    });
  }

  it('do not suppress the responses of two earlier requests', async () => {
    const cup = await admin.newProduct({ price: 1, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    const body = JSON.stringify({ items: [{ productId: cup, quantity: 2 }] });
    const connection = await openRawHttp(app.url);
    const order = (key: string) =>
      `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
      `Idempotency-Key: ${key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    connection.write(`${order('a')}${order('b')}nonsense\r\n\r\n`);
    expect((await connection.reply()).status).to.equal(200);
    expect((await connection.reply()).status).to.equal(200);
    await until('the connection is closed', () => connection.closed);
  });

  it('after an Upgrade request are not read, and the connection ends', async () => {
    const connection = await openRawHttp(app.url);
    const upgrade = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
    connection.write(
      `GET /healthz HTTP/1.1\r\nHost: shop\r\n${upgrade}\r\nGET /products HTTP/1.1\r\nHost: shop\r\n\r\n`,
    );
    const reply = await connection.reply();
    expect(reply.status).to.equal(200);
    expect(reply.headers.get('connection')).to.equal('close');
    await until('the connection is closed', () => connection.closed);
  });
});
