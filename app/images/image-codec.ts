import type SharpLibrary from 'sharp';
import type { Sharp } from 'sharp';

/** Type and size of an image as its header states them; nothing has been decoded. */
export interface ImageHeader {
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
}

export interface WebpImage {
  /** The requested maximum side. */
  readonly sizePx: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

export interface ImageCodec {
  /** Loads the native library, which the first use does too. Throws if it is missing. */
  load(): Promise<void>;
  /** Undefined if the bytes are not an image of a known format. */
  readHeader(bytes: Buffer): Promise<ImageHeader | undefined>;
  /**
   * Encodes the first picture as WebP files: upright, in sRGB, without metadata, at most `sizePx` wide and
   * high, never enlarged. `sizesPx` starts with the largest. Undefined if the bytes cannot be decoded without
   * a warning, have too many pixels or take too long.
   */
  toWebp(bytes: Buffer, sizesPx: readonly number[]): Promise<WebpImage[] | undefined>;
}

/** Limit per step. 40 million pixels take 0.5 s of a core (JPEG), 1 s (interlaced PNG) or 1.2 s (AVIF). */
const STEP_TIMEOUT_S = 10;
/** Effort 2 takes half the time of efforts 3 and 4 (0.05 s for 1,200 px) and gives 1 to 7 % more bytes. */
const webp = { quality: 82, effort: 2 } as const;
/** Media types of the accepted formats, keyed by sharp's names. */
const mediaTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  heif: 'image/avif',
};
const loaders = ['JpegBuffer', 'PngBuffer', 'WebpBuffer', 'HeifBuffer'];

/**
 * Wraps sharp with limits. `blockOtherDecoders` disables, for the whole process, every decoder except JPEG,
 * PNG, WebP and AVIF, so that a hostile file cannot reach the code of the others.
 */
export function createImageCodec({
  pixelsMax,
  blockOtherDecoders,
}: {
  pixelsMax: number;
  blockOtherDecoders: boolean;
}): ImageCodec {
  let loading: Promise<typeof SharpLibrary> | undefined;
  // Loaded on first use: it costs 0.1 s and 30 MB.
  const library = () => (loading ??= loadLibrary(blockOtherDecoders));

  return {
    load: async () => void (await library()),

    async readHeader(bytes) {
      const sharp = await library();
      try {
        const { format, width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
        const mediaType = mediaTypes[format];
        return mediaType === undefined ? undefined : { mediaType, width, height };
      } catch {
        return undefined;
      }
    },

    async toWebp(bytes, sizesPx) {
      const sharp = await library();
      const fitted = (image: Sharp, sizePx: number) =>
        image
          .resize({ width: sizePx, height: sizePx, fit: 'inside', withoutEnlargement: true })
          .timeout({ seconds: STEP_TIMEOUT_S });
      try {
        // Decode once; the smaller files are made from the largest.
        const { data, info } = await fitted(
          sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'warning' }).autoOrient(),
          sizesPx[0] ?? 1,
        )
          .toColourspace('srgb')
          .raw()
          .toBuffer({ resolveWithObject: true });
        const raw = { width: info.width, height: info.height, channels: info.channels };
        const made: WebpImage[] = [];
        for (const sizePx of sizesPx) {
          const file = await fitted(sharp(data, { raw }), sizePx)
            .webp(webp)
            .toBuffer({ resolveWithObject: true });
          made.push({ sizePx, width: file.info.width, height: file.info.height, bytes: file.data });
        }
        return made;
      } catch {
        return undefined;
      }
    },
  };
}

async function loadLibrary(blockOtherDecoders: boolean): Promise<typeof SharpLibrary> {
  const { default: sharp } = await import('sharp');
  // Use one core per image, and no cache: no file is decoded twice.
  sharp.concurrency(1);
  sharp.cache(false);
  if (blockOtherDecoders) {
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) });
  }
  return sharp;
}
