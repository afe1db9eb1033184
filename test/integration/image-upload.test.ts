import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import sharp from 'sharp';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../support/admin-client.ts';
import type { AppProcess } from '../support/app-process.ts';
import { useTestShop } from '../support/test-shop.ts';

describe('uploading a product image', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let productId: string;
  let png: Buffer<ArrayBuffer>;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    productId = await admin.newProduct();
    png = Buffer.from(
      await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c60' } })
        .png()
        .toBuffer(),
    );
  });

  const announce = (bytes: Buffer, contentType = 'image/png', query = '') =>
    admin.post(`/admin/products/${productId}/images${query}`, {
      contentType,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });

  /** What a browser does with a presigned form. */
  const postForm = (upload: { url: string; fields: Record<string, string> }, bytes: Buffer<ArrayBuffer>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    form.append('file', new Blob([bytes]));
    return fetch(upload.url, { method: 'POST', body: form });
  };

  const images = async () =>
    (await admin.get(`/products/${productId}`)).body.images as { id: string; url: string }[];

  it('by form: announced, sent to S3, completed, shown', async () => {
    const announced = await announce(png);
    expect(announced.status).to.equal(201);
    const { imageId, fields, expiresAt } = announced.body;
    expect(fields.key).to.equal(`uploads/${imageId}`);
    expect(Date.parse(expiresAt) - Date.now()).to.be.within(290_000, 300_000);
    expect(await images()).to.deep.equal([]);
    expect((await postForm(announced.body, png)).status).to.be.within(200, 204);

    const completed = await admin.post(`/admin/images/${imageId}/complete`);
    expect(completed.status).to.equal(200);
    expect(await images()).to.deep.equal([completed.body]);
    const shown = await fetch(completed.body.url);
    expect(shown.status).to.equal(200);
    expect(shown.headers.get('content-type')).to.equal('image/png');
    expect(shown.headers.get('cache-control')).to.include('immutable');
    expect(Buffer.from(await shown.arrayBuffer()).equals(png)).to.equal(true);
    // Completing again changes nothing.
    expect((await admin.post(`/admin/images/${imageId}/complete`)).body).to.deep.equal(completed.body);
  });

  it('by PUT', async () => {
    const { imageId, url, headers } = (await announce(png, 'image/png', '?method=put')).body;
    const sent = await fetch(url, { method: 'PUT', body: png, headers });
    expect(sent.status).to.equal(200);
    expect((await admin.post(`/admin/images/${imageId}/complete`)).status).to.equal(200);
  });

  it('from a page of another origin: the bucket answers the preflight', async () => {
    const { url } = (await announce(png)).body;
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

  it('gives eight completions at once the same image', async () => {
    const { imageId, url, fields } = (await announce(png)).body;
    await postForm({ url, fields }, png);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => admin.post(`/admin/images/${imageId}/complete`)),
    );
    expect(replies.map(({ status }) => status)).to.deep.equal(Array.from({ length: 8 }, () => 200));
    expect(new Set(replies.map(({ text }) => text)).size).to.equal(1);
  });

  it('is not complete before the file is there, nor when it is another file', async () => {
    const { imageId, fields } = (await announce(png)).body;
    const path = `/admin/images/${imageId}/complete`;
    expect((await admin.post(path)).body.code).to.equal('upload_incomplete');
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    const put = (Body: Buffer) =>
      shop.aws.s3.send(new PutObjectCommand({ Bucket: shop.aws.bucket, Key: fields.key, Body }));
    await put(randomBytes(png.length + 1));
    expect((await admin.post(path)).body.code).to.equal('upload_incomplete');
    await put(randomBytes(png.length));
    expect((await admin.post(path)).body.code).to.equal('upload_incomplete');
    await put(png);
    expect((await admin.post(path)).status).to.equal(200);
  });

  it('refuses a file that only claims to be an image', async () => {
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const { imageId, fields } = (await announce(page)).body;
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    await shop.aws.s3.send(new PutObjectCommand({ Bucket: shop.aws.bucket, Key: fields.key, Body: page }));
    const reply = await admin.post(`/admin/images/${imageId}/complete`);
    expect(reply.status).to.equal(409);
    expect(reply.body.code).to.equal('upload_incomplete');
    const status = await shop.database.value<string>('SELECT status FROM product_images WHERE id = ?', [
      uuidBytes(imageId),
    ]);
    expect(status).to.equal('PENDING');
  });

  it('takes four types up to 10 MB, from admins, for products that exist', async () => {
    const body = { contentType: 'image/png', size: 10, sha256: '0'.repeat(64) };
    const path = `/admin/products/${productId}/images`;
    for (const wrong of [
      { contentType: 'image/svg+xml' },
      { contentType: 'text/html' },
      { size: 10 * 1024 * 1024 + 1 },
      { sha256: 'x' },
    ]) {
      expect((await admin.post(path, { ...body, ...wrong })).status).to.equal(400);
    }
    const customer = await shop.client(app).newCustomer();
    expect((await customer.post(path, body)).body.code).to.equal('forbidden');
    const absent = '00000000-0000-7000-8000-000000000000';
    expect((await admin.post(`/admin/products/${absent}/images`, body)).body.code).to.equal(
      'product_not_found',
    );
    expect((await admin.post(`/admin/images/${absent}/complete`)).body.code).to.equal('image_not_found');
  });
});
