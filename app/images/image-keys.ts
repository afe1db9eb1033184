import { createHash } from 'node:crypto';
import { imagesBucket } from '../contract/images-bucket.ts';

/** Hex digits of the checksum in a key: 64 bits are enough to tell the versions of one image apart. */
const CHECKSUM_DIGITS = 16;

/** Where the objects of an image are. */
export const imageKeys = {
  /** What the browser sends. Never public. */
  upload: (imageId: string): string => `${imagesBucket.uploadsPrefix}${imageId}`,
  /** All public objects of the image have it; an id has always the same length, so no other image's object has. */
  publicPrefix: (imageId: string): string => `${imagesBucket.publicPrefix}${imageId}`,
  /** Of a public object: other content has another key, so that it may be cached for ever. */
  variant: (imageId: string, sizePx: number, bytes: Buffer): string => {
    const checksum = createHash('sha256').update(bytes).digest('hex').slice(0, CHECKSUM_DIGITS);
    return `${imagesBucket.publicPrefix}${imageId}/${sizePx}-${checksum}.webp`;
  },
} as const;
