/** The pages of shop and console, where they were built. Part of the composition root. */
import { join } from 'node:path';
import type { ApiConfig } from '../config/api.ts';
import type { SharedConfig } from '../config/shared.ts';
import type { ShopConfig } from '../config/shop.ts';
import { readPages } from '../http/pages/read-pages.ts';
import { createServePages, type ServePages } from '../http/pages/serve-pages.ts';

export interface PagesOptions {
  readonly config: ApiConfig;
  readonly shared: SharedConfig;
  readonly shop: ShopConfig;
}

export function createPages({ config, shared, shop }: PagesOptions): ServePages | undefined {
  const named = config.PAGES_DIR;
  const files = readPages(named ?? join(import.meta.dirname, 'pages'), { isOptional: named === undefined });
  if (files === undefined) return undefined;
  // Presigned requests name the bucket in the host, except at an emulator.
  const uploads =
    shared.AWS_ENDPOINT_URL ?? `https://${shop.IMAGES_BUCKET}.s3.${shared.AWS_REGION}.amazonaws.com`;
  return createServePages(files, {
    imagesOrigin: new URL(config.IMAGES_BASE_URL).origin,
    uploadsOrigin: new URL(uploads).origin,
  });
}
