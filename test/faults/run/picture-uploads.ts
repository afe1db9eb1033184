import { createHash } from 'node:crypto';
import { pause } from '../../../app/platform/load/pause.ts';
import { uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { picture, putFile } from '../../support/shop/image-uploads.ts';
import type { DirectDatabase } from './direct-database.ts';
import type { FaultShop } from './fault-shop.ts';
import type { ShopOperations } from './shop-operations.ts';

export interface PictureUploads {
  stop(): Promise<void>;
  /** Number of pictures that the shop has accepted but does not show (yet). */
  unseen(database: DirectDatabase): Promise<number>;
}

const EVERY_MS = 400;
const PATIENCE_MS = 2500;

/**
 * An admin who adds pictures during the run: the only client that needs S3. Every accepted picture must be
 * shown in the end.
 */
export function startPictureUploads(options: {
  readonly shop: FaultShop;
  readonly operations: ShopOperations;
  readonly urls: readonly [string, string];
}): PictureUploads {
  const stopping = new AbortController();
  const accepted: string[] = [];
  const adding = addPictures({ ...options, accepted, stopping: stopping.signal });
  return {
    stop: async () => {
      stopping.abort();
      await adding;
    },
    unseen: async (database) => {
      if (accepted.length === 0) return 0;
      const rows = await database.read<{ id: Buffer; status: string }>(
        'SELECT id, status FROM product_images WHERE id IN (?)',
        [accepted.map(uuidBytes)],
      );
      const ready = new Set(rows.flatMap(({ id, status }) => (status === 'READY' ? [uuidText(id)] : [])));
      // A deleted picture is not shown either.
      return accepted.filter((imageId) => !ready.has(imageId)).length;
    },
  };
}

async function addPictures({
  shop,
  operations,
  urls,
  accepted,
  stopping,
}: Parameters<typeof startPictureUploads>[0] & {
  readonly accepted: string[];
  readonly stopping: AbortSignal;
}): Promise<void> {
  const bytes = await picture('png', { width: 32, height: 24 });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const body = { contentType: 'image/png', size: bytes.length, sha256 };
  for (let count = 0; !stopping.aborted; count += 1) {
    const at = { url: urls[count % urls.length] as string, timeoutMs: PATIENCE_MS };
    const path = `/admin/products/${shop.productIds[count % shop.productIds.length]}/images?method=put`;
    const announced = await operations.ask(shop.admin, at, { method: 'POST', path, body });
    if (announced?.status === 201) {
      const { imageId } = announced.body;
      // The upload may fail; the completion then finds it missing.
      await putFile(announced.body, bytes).catch(() => undefined);
      const complete = { method: 'POST', path: `/admin/images/${imageId}/complete` };
      const completed = await operations.ask(shop.admin, at, complete);
      if (completed !== undefined && completed.status < 300) accepted.push(String(imageId));
    }
    await pause(EVERY_MS, stopping);
  }
}
