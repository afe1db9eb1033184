/** The image formats of the shop, by the media type that announces them. */
export const imageExtensions = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
} as const;

export type ImageMediaType = keyof typeof imageExtensions;

/** What the first bytes of a file say that it is, whatever it is called; undefined when it is none of ours. */
export function imageFormatOf(bytes: Buffer): ImageMediaType | undefined {
  if (bytes.length < 12) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP')
    return 'image/webp';
  const brand = bytes.toString('latin1', 4, 12);
  return brand === 'ftypavif' || brand === 'ftypavis' ? 'image/avif' : undefined;
}
