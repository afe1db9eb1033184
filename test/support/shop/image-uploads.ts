import { createHash } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import type { HttpClient, HttpReply } from './http-client.ts';
import type { TestShop } from './test-shop.ts';
import { until } from '../until.ts';

type Bytes = Buffer<ArrayBuffer>;

export interface Announced {
  readonly imageId: string;
  readonly url: string;
  readonly fields: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly expiresAt: string;
}

export interface ImageUploads {
  announce(bytes: Bytes, options?: AnnounceOptions): Promise<HttpReply<Announced>>;
  /** Performs all steps up to the completion; returns its reply. */
  upload(bytes: Bytes, options?: AnnounceOptions): Promise<HttpReply & { readonly imageId: string }>;
  complete(imageId: string): Promise<HttpReply>;
  /** Waits for this status; returns the image. */
  untilStatus(imageId: string, status: string): Promise<HttpReply['body']>;
  /** Puts an object where the browser's would be, bypassing all rules of the presigned request. */
  putObject(imageId: string, bytes: Bytes): Promise<void>;
}

export interface AnnounceOptions {
  readonly contentType?: string;
  readonly method?: 'post' | 'put';
}

/** Steps of an admin's browser for the images of one product. */
export function imageUploads(shop: TestShop, admin: HttpClient, productId: string): ImageUploads {
  const uploads: ImageUploads = {
    announce: (bytes, { contentType = 'image/png', method = 'post' } = {}) =>
      admin.post(`/admin/products/${productId}/images?method=${method}`, {
        contentType,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }),
    async upload(bytes, options = {}) {
      const { status, text, body } = await uploads.announce(bytes, options);
      if (status !== 201) throw new Error(`not announced: ${status} ${text}`);
      const sent = await (options.method === 'put' ? putFile(body, bytes) : postForm(body, bytes));
      if (!sent.ok) throw new Error(`not uploaded: ${sent.status} ${await sent.text()}`);
      return { ...(await uploads.complete(body.imageId)), imageId: body.imageId };
    },
    complete: (imageId) => admin.post(`/admin/images/${imageId}/complete`),
    untilStatus: (imageId, status) =>
      until(`image ${imageId} is ${status}`, async () => {
        const reply = await admin.get(`/admin/images/${imageId}`);
        return reply.body.status === status ? reply.body : undefined;
      }),
    async putObject(imageId, bytes) {
      const Key = `uploads/${imageId}`;
      await shop.aws.s3.send(new PutObjectCommand({ Bucket: shop.aws.bucket, Key, Body: bytes }));
    },
  };
  return uploads;
}

/** Sends a presigned form as a browser does. */
export function postForm(
  { url, fields }: Pick<Announced, 'url' | 'fields'>,
  bytes: Bytes,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([bytes]));
  return fetch(url, { method: 'POST', body: form });
}

export function putFile(
  { url, headers }: Pick<Announced, 'url' | 'headers'>,
  bytes: Bytes,
): Promise<Response> {
  return fetch(url, { method: 'PUT', headers, body: bytes });
}

/** Keys of all objects that an image has, or of all in the bucket. */
export async function objectsOf(shop: TestShop, imageId = ''): Promise<string[]> {
  const { Contents = [] } = await shop.aws.s3.send(new ListObjectsV2Command({ Bucket: shop.aws.bucket }));
  return Contents.flatMap(({ Key = '' }) => (Key.includes(imageId) ? [Key] : []));
}

/** The image's row and its job as they are in the database. */
export async function imageRows(shop: TestShop, imageId: string) {
  const [row] = await shop.database.read<{ status: string; kind: string | null; reason: string | null }>(
    `SELECT i.status, j.kind, j.rejected_for AS reason
     FROM product_images i LEFT JOIN image_jobs j ON j.image_id = i.id WHERE i.id = ?`,
    [uuidBytes(imageId)],
  );
  return row;
}

/** A file in one of the shop's formats, with visible content. */
export async function picture(
  format: 'jpeg' | 'png' | 'webp' | 'avif',
  { width = 300, height = 200 } = {},
): Promise<Bytes> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  const image = sharp({ create: { width, height, channels: 3, background: '#c60', noise } });
  return Buffer.from(await image.toFormat(format).toBuffer());
}

/** A file of the `avif` kind with other brands: the major brand, and three compatible brands. */
export function withBrands(avif: Bytes, first: string, compatible: readonly [string, string, string]): Bytes {
  const bytes = Buffer.from(avif);
  bytes.write(first, 8, 'latin1');
  bytes.write(compatible.join(''), 16, 'latin1');
  return bytes;
}
