import { expect } from 'chai';
import sharp from 'sharp';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import {
  imageRows,
  type ImageUploads,
  imageUploads,
  objectsOf,
  picture,
  postForm,
  withBrands,
} from '../../support/shop/image-uploads.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('uploading a product image', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let productId: string;
  let uploads: ImageUploads;
  before(async () => {
    app = await shop.start(['api', 'worker'], { env: { IMAGE_POLL_MS: '50' } });
    admin = await adminClient(shop, app);
  });
  beforeEach(async () => {
    productId = await admin.newProduct();
    uploads = imageUploads(shop, admin, productId);
  });

  const shownImages = async () => (await admin.get(`/products/${productId}`)).body.images;
  const nothingLeftToDo = (imageId: string) =>
    until("the image's work is done", async () => (await imageRows(shop, imageId))?.kind === null);

  it('works by form: announced, sent to S3, completed, re-encoded, published', async () => {
    const png = await picture('png', { width: 1600, height: 800 });
    const announced = await uploads.announce(png);
    expect(announced.status).to.equal(201);
    const { imageId, fields, expiresAt } = announced.body;
    expect(fields['key']).to.equal(`uploads/${imageId}`);
    expect(Date.parse(expiresAt) - Date.now()).to.be.within(290_000, 300_000);
    expect((await postForm(announced.body, png)).status).to.be.within(200, 204);

    const completed = await uploads.complete(imageId);
    expect(completed.status, completed.text).to.equal(200);
    expect(completed.body).to.include({ id: imageId, productId, reason: null });
    expect(completed.body.status).to.be.oneOf(['PROCESSING', 'READY']);
    const { url, variants } = await uploads.untilStatus(imageId, 'READY');
    expect(await shownImages()).to.deep.equal([{ id: imageId, url, variants }]);
    expect(url).to.equal(variants[2].url);

    for (const [index, [size, width, height]] of [
      [200, 200, 100],
      [600, 600, 300],
      [1200, 1200, 600],
    ].entries()) {
      const variant = variants[index];
      expect(variant).to.include({ size, width, height });
      expect(variant.url).to.match(new RegExp(`/images/${imageId}/${size}-[0-9a-f]{16}\\.webp$`));
      const shown = await fetch(variant.url);
      expect(shown.status).to.equal(200);
      expect(shown.headers.get('content-type')).to.equal('image/webp');
      expect(shown.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
      const file = await sharp(await shown.arrayBuffer()).metadata();
      expect({ ...file }).to.include({ format: 'webp', width, height });
    }
    await nothingLeftToDo(imageId);
    expect(await objectsOf(shop, imageId), 'the upload is gone').to.have.lengthOf(3);
    // A second completion changes nothing.
    const again = await uploads.complete(imageId);
    expect(again.status).to.equal(200);
    expect(again.body).to.include({ id: imageId, status: 'READY', url });
  });

  it('works for a product that is off sale', async () => {
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(productId)]);
    expect((await uploads.announce(await picture('png'))).status).to.equal(201);
  });

  it('works by PUT', async () => {
    const { imageId } = await uploads.upload(await picture('png'), { method: 'put' });
    const { variants } = await uploads.untilStatus(imageId, 'READY');
    expect(
      variants.map(({ width, height }: { width: number; height: number }) => [width, height]),
    ).to.deep.equal([
      [200, 133],
      [300, 200],
      [300, 200],
    ]);
  });

  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    it(`accepts ${format.toUpperCase()}`, async () => {
      const { imageId } = await uploads.upload(await picture(format), { contentType: `image/${format}` });
      await uploads.untilStatus(imageId, 'READY');
    });
  }

  it('accepts AVIF that is declared as a compatible brand of a generic HEIF file', async () => {
    const avif = withBrands(await picture('avif'), 'mif1', ['mif1', 'miaf', 'avif']);
    const { imageId } = await uploads.upload(avif, { contentType: 'image/avif' });
    const { variants } = await uploads.untilStatus(imageId, 'READY');
    const bytes = Buffer.from(await (await fetch(variants[0].url)).arrayBuffer());
    expect(await sharp(bytes).metadata()).to.include({ format: 'webp', width: 200, height: 133 });
  });

  it('rotates the image upright and removes its metadata', async () => {
    const red = { create: { width: 400, height: 100, channels: 3 as const, background: '#f00' } };
    const blue = await sharp({ create: { width: 400, height: 100, channels: 3, background: '#00f' } })
      .png()
      .toBuffer();
    // The stored image has red above blue and is to be turned by 90 degrees.
    const jpeg = await sharp(red)
      .extend({ bottom: 100, background: '#f00' })
      .composite([{ input: blue, left: 0, top: 100 }])
      .withExif({ IFD0: { Artist: 'Somebody' }, IFD3: { GPSLatitude: '37/1 33/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();
    expect((await sharp(jpeg).metadata()).orientation).to.equal(6);
    const { imageId } = await uploads.upload(Buffer.from(jpeg), { contentType: 'image/jpeg' });
    const { variants } = await uploads.untilStatus(imageId, 'READY');
    expect(variants[1]).to.include({ width: 200, height: 400 });
    const bytes = Buffer.from(await (await fetch(variants[1].url)).arrayBuffer());
    const { exif, icc, xmp, iptc, orientation } = await sharp(bytes).metadata();
    expect({ exif, icc, xmp, iptc, orientation }).to.deep.equal({
      exif: undefined,
      icc: undefined,
      xmp: undefined,
      iptc: undefined,
      orientation: undefined,
    });
    expect(bytes.includes('Somebody')).to.equal(false);
    const { data } = await sharp(bytes).extract({ left: 190, top: 200, width: 1, height: 1 }).raw().toBuffer({
      resolveWithObject: true,
    });
    expect(data[0], 'the upper half is on the right now').to.be.greaterThan(200);
  });

  it('works from a page of another origin: the bucket answers the preflight', async () => {
    const { url } = (await uploads.announce(await picture('png'))).body;
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://shop.example:3000',
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'content-type,x-amz-checksum-sha256',
      },
    });
    expect(preflight.status).to.be.within(200, 204);
    expect(preflight.headers.get('access-control-allow-origin')).to.be.oneOf([
      '*',
      'http://shop.example:3000',
    ]);
    expect(preflight.headers.get('access-control-allow-methods')).to.include('PUT');
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).to.satisfy(
      (value: string) => value === '*' || value.includes('x-amz-checksum-sha256'),
    );
  });

  it('gives eight concurrent completions the same image, encoded once', async () => {
    const png = await picture('png');
    const announced = (await uploads.announce(png)).body;
    await postForm(announced, png);
    const replies = await Promise.all(Array.from({ length: 8 }, () => uploads.complete(announced.imageId)));
    expect(replies.map(({ status }) => status)).to.deep.equal(Array.from({ length: 8 }, () => 200));
    expect(new Set(replies.map(({ body }) => body.id)).size).to.equal(1);
    await uploads.untilStatus(announced.imageId, 'READY');
    await nothingLeftToDo(announced.imageId);
    expect(await objectsOf(shop, announced.imageId)).to.have.lengthOf(3);
    expect(await shownImages()).to.have.lengthOf(1);
    const made = app.logs.filter(
      ({ event, imageId }) => event === 'image_ready' && imageId === announced.imageId,
    );
    expect(made).to.have.lengthOf(1);
  });

  it('cannot be completed before the file exists', async () => {
    const png = await picture('png');
    const announced = (await uploads.announce(png)).body;
    const early = await uploads.complete(announced.imageId);
    expect(early.status).to.equal(409);
    expect(early.body.code).to.equal('upload_incomplete');
    expect((await admin.get(`/admin/images/${announced.imageId}`)).body).to.include({
      status: 'PENDING',
      url: null,
      reason: null,
    });
    await postForm(announced, png);
    expect((await uploads.complete(announced.imageId)).status).to.equal(200);
  });

  it('is undone by DELETE: row, files and catalogue entry', async () => {
    const { imageId } = await uploads.upload(await picture('png'));
    const { url } = await uploads.untilStatus(imageId, 'READY');
    expect((await admin.request('DELETE', `/admin/images/${imageId}`)).status).to.equal(204);
    expect(await imageRows(shop, imageId)).to.equal(undefined);
    expect(await objectsOf(shop, imageId)).to.deep.equal([]);
    expect(await shownImages()).to.deep.equal([]);
    expect((await fetch(url)).status).to.be.within(403, 404);
    for (const method of ['DELETE', 'GET'])
      expect((await admin.request(method, `/admin/images/${imageId}`)).body.code).to.equal('image_not_found');
    expect((await uploads.complete(imageId)).body.code).to.equal('image_not_found');
  });

  it('accepts four types up to 10 MB, from admins, for existing products', async () => {
    const body = { contentType: 'image/png', size: 10, sha256: '0'.repeat(64) };
    const path = `/admin/products/${productId}/images`;
    for (const wrong of [
      { contentType: 'image/svg+xml' },
      { contentType: 'image/gif' },
      { contentType: 'text/html' },
      { size: 10 * 1024 * 1024 + 1 },
      { size: 0 },
      { sha256: 'x' },
    ]) {
      expect((await admin.post(path, { ...body, ...wrong })).body.code).to.equal('validation_failed');
    }
    const customer = await shop.client(app).newCustomer();
    expect((await customer.post(path, body)).body.code).to.equal('forbidden');
    const absent = '00000000-0000-7000-8000-000000000000';
    expect((await admin.post(`/admin/products/${absent}/images`, body)).body.code).to.equal(
      'product_not_found',
    );
    expect((await admin.post(`/admin/images/${absent}/complete`)).body.code).to.equal('image_not_found');
    expect(await shop.database.value('SELECT COUNT(*) FROM product_images WHERE size_bytes = 10')).to.equal(
      0,
    );
  });
});
