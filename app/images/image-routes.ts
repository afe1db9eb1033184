import { z } from 'zod';
import { findProductsOnSale } from '../catalogue/product-sql.ts';
import { problem } from '../http/problem.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { idSchema, timeSchema } from '../http/schemas.ts';
import { announceUpload, type UploadDependencies } from './announce-upload.ts';
import { completeUpload } from './complete-upload.ts';
import { type ImageMediaType, imageExtensions } from './image-format.ts';
import { imageReplySchema } from './image-reply.ts';

const SIZE_MAX_BYTES = 10 * 1024 * 1024;

const announcementSchema = z.strictObject({
  contentType: z.enum(Object.keys(imageExtensions) as ImageMediaType[]),
  size: z.int().min(1).max(SIZE_MAX_BYTES).meta({ description: 'Bytes.' }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in lower-case hex' }),
});

const uploadSchema = z.object({
  imageId: idSchema,
  url: z.string().meta({ format: 'uri' }),
  fields: z.record(z.string(), z.string()).optional().meta({ description: 'Form fields of a POST.' }),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'Headers of a PUT.' }),
  expiresAt: timeSchema,
});

export type ImageDependencies = UploadDependencies & { readonly imageUrl: (objectKey: string) => string };

export function imageRoutes(dependencies: ImageDependencies): Route[] {
  const announceRoute = defineRoute({
    method: 'post',
    path: '/admin/products/:productId/images',
    tag: 'Administration',
    summary:
      'Announce an image and get the presigned request that uploads it: a POST form, or a PUT with `?method=put`.',
    access: 'admin',
    schema: {
      path: z.object({ productId: idSchema }),
      query: z.object({ method: z.enum(['post', 'put']).optional() }),
      body: announcementSchema,
    },
    replies: { 201: uploadSchema },
    problems: ['product_not_found'],
    handle: async ({ path: { productId }, query, body }) => {
      const [product] = await findProductsOnSale(dependencies.database, [productId]);
      if (product === undefined) return problem('product_not_found');
      const announcement = {
        productId,
        contentType: body.contentType,
        sizeBytes: body.size,
        sha256: Buffer.from(body.sha256, 'hex'),
      };
      return { status: 201, body: await announceUpload(dependencies, announcement, query.method ?? 'post') };
    },
  });

  const completeRoute = defineRoute({
    method: 'post',
    path: '/admin/images/:imageId/complete',
    tag: 'Administration',
    summary: 'Check the uploaded file against its announcement and show it.',
    access: 'admin',
    schema: { path: z.object({ imageId: idSchema }) },
    replies: { 200: imageReplySchema },
    problems: ['image_not_found', 'upload_incomplete'],
    handle: async ({ path: { imageId } }) => {
      const result = await completeUpload(dependencies, imageId);
      if (typeof result === 'string') return problem(result);
      return { status: 200, body: { id: result.id, url: dependencies.imageUrl(result.objectKey) } };
    },
  });

  return [announceRoute, completeRoute];
}
