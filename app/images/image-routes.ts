import { z } from 'zod';
import { findProduct } from '../catalogue/product-sql.ts';
import { problem } from '../http/contract/problem.ts';
import { requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, requestedIdSchema, timeSchema } from '../http/contract/schemas.ts';
import { type ReplyOnceDependencies, replyOnce } from '../idempotency/reply-once.ts';
import { actorOf } from '../operators/admin-action.ts';
import { announceUpload, type AnnounceUploadDependencies } from './announce-upload.ts';
import { completeUpload, type CompleteUploadDependencies } from './complete-upload.ts';
import { imageMediaTypes } from './image-format.ts';
import { IMAGE_SIZE_MAX_BYTES } from './image-limits.ts';
import { adminImage, adminImageSchema } from './image-reply.ts';
import { findImage } from './image-sql.ts';
import { removeImage, type RemoveImageDependencies } from './remove-image.ts';
import { signUpload, type SignUploadDependencies } from './sign-upload.ts';

const announcementSchema = z
  .strictObject({
    contentType: z.enum(imageMediaTypes),
    size: z.int().min(1).max(IMAGE_SIZE_MAX_BYTES).meta({ description: 'Size in bytes.' }),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in lower-case hex' }),
  })
  .meta({ title: 'ImageAnnouncement' });

const uploadSchema = z
  .object({
    imageId: idSchema,
    url: z.string().meta({ format: 'uri' }),
    fields: z.record(z.string(), z.string()).optional().meta({ description: 'Form fields of the POST.' }),
    headers: z.record(z.string(), z.string()).optional().meta({ description: 'Headers of the PUT.' }),
    expiresAt: timeSchema,
  })
  .meta({ title: 'ImageUpload' });

const imagePath = { path: z.object({ imageId: requestedIdSchema }) };

export interface ImageDependencies
  extends Omit<AnnounceUploadDependencies, 'tx'>,
    SignUploadDependencies,
    ReplyOnceDependencies,
    CompleteUploadDependencies,
    RemoveImageDependencies {
  readonly imageUrl: (objectKey: string) => string;
}

export function imageRoutes(dependencies: ImageDependencies): Route[] {
  const { database, uploadRetentionMs, imageUrl } = dependencies;

  const announceRoute = defineRoute({
    id: 'announceImage',
    method: 'post',
    path: '/admin/products/:productId/images',
    tag: 'Administration',
    summary:
      'Announce an image upload. Returns the presigned request that uploads the file: a POST form, or a ' +
      'PUT with `?method=put`.',
    access: 'operator',
    idempotencyKey: 'optional',
    schema: {
      path: z.object({ productId: requestedIdSchema }),
      query: z.object({ method: z.enum(['post', 'put']).optional() }),
      body: announcementSchema,
    },
    replies: { 201: uploadSchema },
    problems: ['product_not_found'],
    handle: async ({ path: { productId }, query, body, caller, requestId, idempotencyKey }) => {
      // Read from the writer, on sale or not: a new product may get images before customers see it.
      if ((await findProduct(database.read, productId)) === undefined) return problem('product_not_found');
      const method = query.method ?? 'post';
      const { image, presigned, expiresAt } = await signUpload(dependencies, {
        productId,
        contentType: body.contentType,
        sizeBytes: body.size,
        sha256: Buffer.from(body.sha256, 'hex'),
        method,
      });
      const request = {
        userId: caller.userId,
        operation: 'POST /admin/products/:productId/images',
        idempotencyKey,
        requestHash: requestHash(productId, method, body),
      };
      // A replay returns the stored presigned request, which may have expired.
      return replyOnce(dependencies, request, async (tx) => {
        const by = { announcedBy: caller.userId, actor: actorOf(caller, requestId) };
        await announceUpload({ tx, uploadRetentionMs }, { image, ...by });
        return { status: 201, body: { imageId: image.id, expiresAt, ...presigned } };
      });
    },
  });

  const completeRoute = defineRoute({
    id: 'completeImage',
    method: 'post',
    path: '/admin/images/:imageId/complete',
    tag: 'Administration',
    summary:
      'Check the uploaded file against its announcement and queue it for processing. Safe to repeat: ' +
      'returns the state of the image.',
    access: 'operator',
    schema: imagePath,
    replies: { 200: adminImageSchema },
    problems: ['image_not_found', 'upload_incomplete', 'image_rejected'],
    handle: async ({ path: { imageId }, caller }) => {
      const result = await completeUpload(dependencies, { imageId, adminId: caller.userId });
      if (result.code === 'forbidden') {
        return problem('forbidden', { detail: 'Only the admin who announced this upload may complete it.' });
      }
      if (result.code !== 'completed') return problem(result.code);
      const { image } = result;
      if (image.status === 'REJECTED') {
        return problem('image_rejected', { extra: { reason: image.rejectedFor ?? null } });
      }
      return { status: 200, body: adminImage(image, imageUrl) };
    },
  });

  const detailRoute = defineRoute({
    id: 'readImage',
    method: 'get',
    path: '/admin/images/:imageId',
    tag: 'Administration',
    summary: 'Read the state of an image. Rejected images can be read for a day.',
    access: 'viewer',
    schema: imagePath,
    replies: { 200: adminImageSchema },
    problems: ['image_not_found'],
    handle: async ({ path: { imageId } }) => {
      const image = await findImage(database, imageId);
      if (image === undefined || image.status === 'REMOVED') return problem('image_not_found');
      return { status: 200, body: adminImage(image, imageUrl) };
    },
  });

  const removeRoute = defineRoute({
    id: 'removeImage',
    method: 'delete',
    path: '/admin/images/:imageId',
    tag: 'Administration',
    summary: 'Remove an image and its files, in any state. After a 503, repeat the request to continue.',
    access: 'operator',
    schema: imagePath,
    replies: { 204: null },
    problems: ['image_not_found'],
    handle: async ({ path: { imageId }, caller, requestId }) => {
      const { code } = await removeImage(dependencies, { imageId, actor: actorOf(caller, requestId) });
      return code === 'removed' ? { status: 204 } : problem(code);
    },
  });

  return [announceRoute, completeRoute, detailRoute, removeRoute];
}
