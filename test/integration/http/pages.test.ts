import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildPages } from '../../../scripts/pages/build-pages.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const top = join(import.meta.dirname, '../../..');

describe('the pages as the app serves them', () => {
  const shop = useTestShop();
  let directory: string;
  let url: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rowlock-pages-'));
    await buildPages({ top, directory });
    url = (await shop.start(['api'], { env: { PAGES_DIR: directory } })).url;
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  const read = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${url}${path}`, { method, headers, redirect: 'manual' });
  const indexOf = (room: string) => readFileSync(join(directory, room, 'index.html'), 'utf8');
  /** The main script: in the shop an early one stands before it. */
  const scriptOf = (room: string) => new RegExp(`src="([^"]+/${room}-[^"]+)"`).exec(indexOf(room))?.[1] ?? '';

  it('are index.html for the room and for every path below it', async () => {
    for (const room of ['shop', 'console']) {
      for (const path of ['', 'orders', 'products/0199-abc', 'a/b/c?d=e.js']) {
        const reply = await read(`/${room}/${path}`);
        expect(reply.status, path).to.equal(200);
        expect(reply.headers.get('content-type')).to.equal('text/html; charset=utf-8');
        expect(reply.headers.get('cache-control')).to.equal('public, no-cache');
        expect(await reply.text()).to.equal(indexOf(room));
      }
    }
  });

  it('redirect from the room without a slash', async () => {
    const reply = await read('/shop');
    expect(reply.status).to.equal(301);
    expect(reply.headers.get('location')).to.equal('/shop/');
  });

  it('have hashed files that browsers keep, compressed for those that can', async () => {
    const plain = await read(scriptOf('shop'), { 'accept-encoding': 'identity' });
    expect(plain.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    expect(plain.headers.get('content-type')).to.equal('text/javascript; charset=utf-8');
    expect(plain.headers.get('vary')).to.equal('Accept-Encoding');
    const script = readFileSync(join(directory, scriptOf('shop')), 'utf8');
    expect(await plain.text()).to.equal(script);
    const packed = await read(scriptOf('shop'), { 'accept-encoding': 'gzip, br' });
    expect(packed.headers.get('content-encoding')).to.equal('gzip');
    // fetch has unpacked it.
    expect(await packed.text()).to.equal(script);
    expect(Number(packed.headers.get('content-length'))).to.be.below(script.length / 2);
    expect(packed.headers.get('etag')).to.not.equal(plain.headers.get('etag'));
    const refused = await read(scriptOf('shop'), { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers.get('content-encoding')).to.equal(null);
  });

  it('answer 304 to the tag that they gave', async () => {
    for (const encoding of ['identity', 'gzip']) {
      const first = await read('/shop/', { 'accept-encoding': encoding });
      const tag = first.headers.get('etag') ?? '';
      const again = await read('/shop/', { 'accept-encoding': encoding, 'if-none-match': tag });
      expect(again.status, encoding).to.equal(304);
      expect(await again.text()).to.equal('');
    }
  });

  it('are 404 where a file does not exist, and 405 for other methods than GET and HEAD', async () => {
    for (const path of ['/shop/shop-AAAAAAAA.js', '/shop/a/index.html', '/shop/..%2fapp.ts', '/shop/.env']) {
      const missing = await read(path);
      expect(missing.status, path).to.equal(404);
      expect(await missing.json()).to.include({ code: 'not_found' });
    }
    const refused = await read('/shop/', {}, 'POST');
    expect(refused.status).to.equal(405);
    expect(refused.headers.get('allow')).to.equal('GET, HEAD');
    const head = await read('/shop/', {}, 'HEAD');
    expect(head.status).to.equal(200);
    expect(await head.text()).to.equal('');
  });

  it('allow only their own files and product images, and no frame', async () => {
    const imagesOrigin = new URL(shop.env['IMAGES_BASE_URL'] ?? '').origin;
    const { headers } = await read('/shop/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).to.include.members([
      "default-src 'none'",
      `img-src 'self' ${imagesOrigin}`,
      "frame-ancestors 'none'",
    ]);
    expect(policy).to.not.include('unsafe');
    expect(headers.get('link')).to.equal(`<${imagesOrigin}>; rel=preconnect`);
    expect((await read(scriptOf('shop'))).headers.get('link')).to.equal(null);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });

  it('are in no document of the API', async () => {
    const text = await (await read('/openapi.json')).text();
    expect(text).to.include('"/products"').and.not.include('"/shop');
  });

  it('do not exist where none were built', async () => {
    const without = await shop.start(['api']);
    expect((await fetch(`${without.url}/shop/`)).status).to.equal(404);
  });
});
