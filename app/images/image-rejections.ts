/** Why an upload is refused. Stable: clients program against it. */
export const imageRejections = [
  /** Another number of bytes than announced. */
  'wrong_size',
  /** Other bytes than announced. */
  'wrong_checksum',
  /** By its own first bytes no image, or one of another type than announced. */
  'wrong_type',
  'too_many_pixels',
  /** An image and something else at once: see foreign-content.ts. */
  'foreign_content',
  /** It begins as an image and cannot be decoded to its end, or not in reasonable time. */
  'undecodable',
  /** The upload was there when it was completed and is gone. */
  'upload_missing',
  /** The workers that tried it have died of it. */
  'processing_failed',
] as const;

export type ImageRejection = (typeof imageRejections)[number];
