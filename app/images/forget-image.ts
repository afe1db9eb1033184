import type { Database } from '../platform/mysql/database.ts';
import { deleteImageJob } from './image-job-sql.ts';
import { deleteImage, lockImage } from './image-sql.ts';

/** Deletes the row of a REMOVED image. Call it once its objects are deleted. */
export async function forgetImage(database: Database, imageId: string): Promise<void> {
  await database.withTransaction({ name: 'forget_image', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image?.status !== 'REMOVED') return;
    await deleteImageJob(tx, imageId);
    await deleteImage(tx, imageId);
  });
}
