import { createHash } from 'node:crypto';
import { imagesBucket } from '../contract/images-bucket.ts';

/** Hex digits of the checksum in a key: 64 bits suffice to distinguish versions of one image. */
const CHECKSUM_DIGITS = 16;

/** Object keys of an image. */
export const imageKeys = {
  /** The file that the client uploads. Never public. */
  upload: (imageId: string): string => `${imagesBucket.uploadsPrefix}${imageId}`,
  /** Prefix of all public objects of this image and of no other: ids all have the same length. */
  publicPrefix: (imageId: string): string => `${imagesBucket.publicPrefix}${imageId}`,
  /** Key of a public object. It depends on the content, so that the object may be cached forever. */
  variant: (imageId: string, sizePx: number, bytes: Buffer): string => {
    const checksum = createHash('sha256').update(bytes).digest('hex').slice(0, CHECKSUM_DIGITS);
    return `${imagesBucket.publicPrefix}${imageId}/${sizePx}-${checksum}.webp`;
  },
} as const;
