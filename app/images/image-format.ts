/** The image formats of the shop, by the media type that announces them. */
export const imageMediaTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const;

export type ImageMediaType = (typeof imageMediaTypes)[number];

/** The brands box at the beginning of an AVIF file is this long at most. */
const BRANDS_BYTES_MAX = 1024;
/** Of a picture and of a sequence of them. */
const AVIF_BRANDS = new Set(['avif', 'avis']);
/** Behind the first brand and its version. */
const COMPATIBLE_BRANDS_AT = 16;

/**
 * What the first bytes of a file say that it is, whatever it is called; undefined when it is none of ours. The length
 * fields of WebP and AVIF have a zero byte in files of up to 10 MB, so that no text passes for one of them.
 */
export function imageFormatOf(bytes: Buffer): ImageMediaType | undefined {
  if (bytes.length < 16) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') {
    return bytes.readUInt32LE(4) <= bytes.length - 8 ? 'image/webp' : undefined;
  }
  return isAvif(bytes) ? 'image/avif' : undefined;
}

/**
 * By the brand that stands first or, where that is the one of any HEIF file (`mif1`), by those behind it: the AVIF
 * specification asks for no more. A HEIC file has neither; one that claims to be AVIF cannot be decoded later.
 */
function isAvif(bytes: Buffer): boolean {
  const size = bytes.readUInt32BE(0);
  if (bytes.toString('latin1', 4, 8) !== 'ftyp' || size > BRANDS_BYTES_MAX) return false;
  const first = bytes.toString('latin1', 8, 12);
  if (first !== 'mif1') return AVIF_BRANDS.has(first);
  for (let at = COMPATIBLE_BRANDS_AT; at + 4 <= Math.min(size, bytes.length); at += 4) {
    if (AVIF_BRANDS.has(bytes.toString('latin1', at, at + 4))) return true;
  }
  return false;
}
