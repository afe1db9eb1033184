import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import sharp from 'sharp';
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
import { onThisMachine } from '../../support/on-this-machine.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

type Bytes = Buffer<ArrayBuffer>;

const html = '<!doctype html><script>alert(1)</script>';
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const text = (content: string): Bytes => Buffer.from(content.padEnd(200));

// S3 also enforces the size, type and checksum of an upload; the embedded server does not. These uploads
// stand for files that get past S3.
describe('an upload that is not as announced', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let productId: string;
  let uploads: ImageUploads;
  let png: Bytes;
  before(async () => {
    app = await shop.start(['api', 'worker'], { env: { IMAGE_POLL_MS: '50' } });
    admin = await adminClient(shop, app);
    productId = await admin.newProduct();
    uploads = imageUploads(shop, admin, productId);
    png = await picture('png');
  });

  /** Expects the completion to be rejected for `reason`, and nothing else to be kept. */
  async function expectRejected(imageId: string, reason: string): Promise<void> {
    const reply = await uploads.complete(imageId);
    expect(reply.status, reply.text).to.equal(409);
    expect(reply.body).to.include({ code: 'image_rejected', reason });
    const { body } = await admin.get(`/admin/images/${imageId}`);
    expect(body).to.include({ status: 'REJECTED', reason, url: null });
    expect(await objectsOf(shop, imageId)).to.deep.equal([]);
    expect(await imageRows(shop, imageId)).to.deep.equal({ status: 'REJECTED', kind: 'EXPIRE', reason });
    expect((await admin.get(`/products/${productId}`)).body.images).to.deep.equal([]);
  }

  const announced = async (bytes: Bytes, contentType = 'image/png') =>
    (await uploads.announce(bytes, { contentType })).body;

  it('of another size or other bytes than announced is rejected', async () => {
    const other = Buffer.from(png);
    other.writeUInt8(other.readUInt8(100) ^ 1, 100);
    for (const [put, reason] of [
      [Buffer.concat([png, Buffer.alloc(1)]), 'wrong_size'],
      [png.subarray(0, -1), 'wrong_size'],
      [Buffer.alloc(0), 'wrong_size'],
      [other, 'wrong_checksum'],
    ] as [Bytes, string][]) {
      const { imageId } = await announced(png);
      await uploads.putObject(imageId, put);
      await expectRejected(imageId, reason);
    }
  });

  it('of another type than announced, or of an unsupported one, is rejected', async () => {
    const gif = Buffer.from(await sharp(png).gif().toBuffer());
    const avif = await picture('avif');
    const files: [what: string, bytes: Bytes, contentType: string][] = [
      ['HTML', text(html), 'image/png'],
      ['SVG', text(svg), 'image/png'],
      ['SVG with an XML declaration', text(`<?xml version="1.0"?>${svg}`), 'image/jpeg'],
      ['GIF', gif, 'image/png'],
      ['PNG as JPEG', png, 'image/jpeg'],
      ['PNG as AVIF', png, 'image/avif'],
      ['text that begins like WebP', text(`RIFF    WEBP${svg}`), 'image/webp'],
      ['text that begins like AVIF', text(`    ftypavif${svg}`), 'image/avif'],
      ['HEIC', withBrands(avif, 'heic', ['mif1', 'heic', 'miaf']), 'image/avif'],
      ['HEIC that says so behind mif1', withBrands(avif, 'mif1', ['mif1', 'heic', 'miaf']), 'image/avif'],
      ['HEIC that is compatible', withBrands(avif, 'heic', ['mif1', 'avif', 'miaf']), 'image/avif'],
      ['ZIP', Buffer.from(`PK\u0003\u0004${'x'.repeat(100)}`), 'image/png'],
    ];
    for (const [what, bytes, contentType] of files) {
      const { imageId } = await announced(bytes, contentType);
      await uploads.putObject(imageId, bytes);
      await expectRejected(imageId, 'wrong_type').catch((error: unknown) => {
        throw new Error(what, { cause: error });
      });
    }
  });

  it('with more than 40 million pixels in few bytes is rejected from its header', async () => {
    const bomb = blackPng(20_000, 16_000);
    expect(bomb.length).to.be.lessThan(2_000_000);
    const { imageId } = await announced(bomb);
    await uploads.putObject(imageId, bomb);
    const startMs = performance.now();
    await expectRejected(imageId, 'too_many_pixels');
    expect(performance.now() - startMs, 'nothing was decoded').to.be.lessThan(onThisMachine(1000));
  });

  it('that declares AVIF but contains HEVC, as HEIC does, is rejected', async () => {
    const avif = withBrands(await picture('avif'), 'mif1', ['mif1', 'avif', 'miaf']);
    const text = avif.toString('latin1').replaceAll('av01', 'hvc1').replaceAll('av1C', 'hvcC');
    const hevc = Buffer.from(text, 'latin1');
    expect(hevc.equals(avif)).to.equal(false);
    const { imageId } = await announced(hevc, 'image/avif');
    await uploads.putObject(imageId, hevc);
    await expectRejected(imageId, 'undecodable');
  });

  it('with an image header and no data is rejected', async () => {
    const stub = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(100)]);
    const { imageId } = await announced(stub, 'image/jpeg');
    await uploads.putObject(imageId, stub);
    await expectRejected(imageId, 'undecodable');
  });

  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    it(`that is truncated is rejected by the worker (${format.toUpperCase()})`, async () => {
      const whole = await picture(format);
      const half = whole.subarray(0, whole.length / 2);
      // A WebP file states its length at its beginning.
      if (format === 'webp') half.writeUInt32LE(half.length - 8, 4);
      const { imageId } = await announced(half, `image/${format}`);
      await uploads.putObject(imageId, half);
      const completed = await uploads.complete(imageId);
      if (completed.status === 200) await uploads.untilStatus(imageId, 'REJECTED');
      await expectRejected(imageId, 'undecodable');
    });
  }

  it('is published as pixels only when it is also a valid file of another type', async () => {
    const marker = 'POLYGLOT';
    const script = `<script>/*${marker}*/</script>`;
    const withMetadata = Buffer.from(
      await sharp(png)
        .withExif({ IFD0: { ImageDescription: script } })
        .jpeg()
        .toBuffer(),
    );
    const jpeg = await picture('jpeg');
    const polyglots: [what: string, bytes: Bytes, contentType: string][] = [
      ['HTML behind a JPEG', Buffer.concat([jpeg, text(script)]), 'image/jpeg'],
      ['a ZIP behind a PNG', Buffer.concat([png, text(`PK\u0003\u0004${marker}`)]), 'image/png'],
      ['a PDF behind a WebP', Buffer.concat([await picture('webp'), text(`%PDF-${marker}`)]), 'image/webp'],
      ['a ZIP behind an AVIF', Buffer.concat([await picture('avif'), text(`\0PK${marker}`)]), 'image/avif'],
      ['a script in the metadata', withMetadata, 'image/jpeg'],
      ['a photo with previews', Buffer.concat([withMetadata, Buffer.alloc(100), withMetadata]), 'image/jpeg'],
    ];
    for (const [what, bytes, contentType] of polyglots) {
      const { imageId } = await uploads.upload(bytes, { contentType });
      await uploads.untilStatus(imageId, 'READY');
      const keys = await objectsOf(shop, imageId);
      expect(keys, what).to.have.lengthOf(3);
      for (const Key of keys) {
        expect(Key, what).to.match(/^images\//);
        const object = await shop.aws.s3.send(new GetObjectCommand({ Bucket: shop.aws.bucket, Key }));
        const file = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
        expect(file.toString('latin1', 0, 4), what).to.equal('RIFF');
        expect(file.readUInt32LE(4), `${what}: nothing behind the image`).to.equal(file.length - 8);
        expect(file.includes(marker), what).to.equal(false);
      }
      await admin.request('DELETE', `/admin/images/${imageId}`);
    }
  });

  it('gets the same reason for all concurrent completions', async () => {
    const page = text(html);
    const { imageId } = await announced(page);
    await uploads.putObject(imageId, page);
    const replies = await Promise.all(Array.from({ length: 8 }, () => uploads.complete(imageId)));
    for (const { status, body } of replies) {
      expect(status).to.equal(409);
      // A completion after the file was deleted and before the reason was stored found nothing to check.
      expect(body.code).to.be.oneOf(['image_rejected', 'upload_incomplete']);
    }
    await expectRejected(imageId, 'wrong_type');
  });

  it('can be completed only by the admin who announced it', async () => {
    const own = await announced(png);
    await postForm(own, png);
    const path = `/admin/images/${own.imageId}/complete`;
    const otherAdmin = await adminClient(shop, app);
    const refused = await otherAdmin.post(path);
    expect(refused.status).to.equal(403);
    expect(refused.body.code).to.equal('forbidden');
    const customer = await shop.client(app).newCustomer();
    expect((await customer.post(path)).body.code).to.equal('forbidden');
    expect((await shop.client(app).post(path)).body.code).to.equal('unauthenticated');
    expect((await imageRows(shop, own.imageId))?.status).to.equal('PENDING');
    expect(await objectsOf(shop, own.imageId)).to.deep.equal([`uploads/${own.imageId}`]);
    expect((await uploads.complete(own.imageId)).status).to.equal(200);
    await uploads.untilStatus(own.imageId, 'READY');
    await otherAdmin.request('DELETE', `/admin/images/${own.imageId}`);
    expect(await objectsOf(shop, own.imageId), 'removed by any admin').to.deep.equal([]);
  });
});

describe('an upload that is replaced after its completion', () => {
  const shop = useTestShop();

  it('is rejected by the worker, which checks the file again', async () => {
    const admin = await adminClient(shop, await shop.start(['api']));
    const uploads = imageUploads(shop, admin, await admin.newProduct());
    const png = await picture('png');
    const [changed, gone, kept] = await Promise.all(
      [1, 2, 3].map(async () => (await uploads.upload(png)).imageId),
    );
    const other = await picture('png');
    expect(createHash('sha256').update(other).digest()).to.not.deep.equal(
      createHash('sha256').update(png).digest(),
    );
    await uploads.putObject(
      changed ?? '',
      Buffer.concat([other, Buffer.alloc(png.length)]).subarray(0, png.length),
    );
    await shop.aws.s3.send(
      new DeleteObjectCommand({
        Bucket: shop.aws.bucket,
        Key: `uploads/${gone}`,
      }),
    );
    await shop.start(['worker']);
    expect((await uploads.untilStatus(changed ?? '', 'REJECTED')).reason).to.equal('wrong_checksum');
    expect((await uploads.untilStatus(gone ?? '', 'REJECTED')).reason).to.equal('upload_missing');
    await uploads.untilStatus(kept ?? '', 'READY');
    expect(await objectsOf(shop, changed)).to.deep.equal([]);
  });
});

/** A valid PNG of one bit per pixel, written by hand: sharp would use a gigabyte of memory first. */
function blackPng(width: number, height: number): Buffer<ArrayBuffer> {
  const chunk = (type: string, data: Buffer) => {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
