/** Reasons for rejecting an upload. Stable: clients program against them. */
export const imageRejections = [
  /** The size differs from the announced one. */
  'wrong_size',
  /** The checksum differs from the announced one. */
  'wrong_checksum',
  /** The first bytes show no image, or another type than announced. */
  'wrong_type',
  'too_many_pixels',
  /** The file starts like an image but cannot be decoded completely, or not in reasonable time. */
  'undecodable',
  /** The upload existed when it was completed and has disappeared since. */
  'upload_missing',
  /** Every worker that tried the image died or exceeded its claim. */
  'processing_failed',
] as const;

export type ImageRejection = (typeof imageRejections)[number];
