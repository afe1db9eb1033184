/** Accepted image formats, by media type. */
export const imageMediaTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const;

export type ImageMediaType = (typeof imageMediaTypes)[number];

/** Maximum length of the brands box at the beginning of an AVIF file. */
const BRANDS_BYTES_MAX = 1024;
/** Brands of a still image and of an image sequence. */
const AVIF_BRANDS = new Set(['avif', 'avis']);
/** Offset of the compatible brands, after the major brand and its version. */
const COMPATIBLE_BRANDS_AT = 16;

/**
 * The format that a file's first bytes indicate, whatever its name; undefined if it is not accepted. The
 * length fields of WebP and AVIF contain a zero byte in files up to 10 MB, so no text file passes for one of
 * them.
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
 * Checks the major brand or, if that is the generic HEIF brand (`mif1`), the compatible brands: the AVIF
 * specification requires no more. A HEIC file has neither. If one claims to be AVIF, decoding it fails later.
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
