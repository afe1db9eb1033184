/** An uploaded file has at most this many bytes. */
export const IMAGE_SIZE_MAX_BYTES = 10 * 1024 * 1024;

/** An image has at most this many pixels, however few bytes it is packed into. */
export const IMAGE_PIXELS_MAX = 40_000_000;

/** Longest side of the WebP files that are made of an image, largest first. Smaller images are not enlarged. */
export const IMAGE_VARIANT_SIZES_PX = [1200, 600, 200] as const;
