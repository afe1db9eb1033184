/** Maximum size of an uploaded file. */
export const IMAGE_SIZE_MAX_BYTES = 10 * 1024 * 1024;

/** Maximum pixels of an image, however small its file. */
export const IMAGE_PIXELS_MAX = 40_000_000;

/** Maximum sides of the WebP files made from an image, largest first. Smaller images are not enlarged. */
export const IMAGE_VARIANT_SIZES_PX = [1200, 600, 200] as const;
