/**
 * Finds where an image that starts at `from` ends, by the structure of its format. Undefined if the structure
 * cannot be followed to its end. Decodes nothing: it only adds up lengths.
 */
type ImageEnd = (bytes: Buffer, from: number) => number | undefined;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** ITU-T T.81, B.1: segments with a length; after each start of scan, coded data up to the next marker. */
export const jpegEnd: ImageEnd = (bytes, from) => {
  if (bytes[from] !== 0xff || bytes[from + 1] !== SOI) return undefined;
  let at = from + 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    // Any number of 0xff may precede a marker.
    if (marker === 0xff) at += 1;
    else if (marker === EOI) return at + 2;
    else {
      const length = marker < 0xc0 || at + 4 > bytes.length ? 0 : bytes.readUInt16BE(at + 2);
      if (length < 2) return undefined;
      at = marker === SOS ? scanEnd(bytes, at + 2 + length) : at + 2 + length;
    }
  }
  return undefined;
};

/**
 * Finds the end of coded data, in which 0xff is followed by 0 or by a restart number. Reads byte by byte: a
 * hostile file has 0xff in every other byte, and one call for each of them would take a second.
 */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

const PNG_SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const PNG_CHUNK_BYTES = 12;
const IEND = Buffer.from('IEND').readUInt32BE();

export const pngEnd: ImageEnd = (bytes, from) => {
  let at = from + PNG_SIGNATURE_BYTES;
  while (at + PNG_CHUNK_BYTES <= bytes.length) {
    const type = bytes.readUInt32BE(at + 4);
    at += PNG_CHUNK_BYTES + bytes.readUInt32BE(at);
    if (type === IEND) return at <= bytes.length ? at : undefined;
  }
  return undefined;
};

const RIFF_HEADER_BYTES = 8;

/** RIFF pads to an even length; some encoders omit the padding. */
export const webpEnd: ImageEnd = (bytes, from) => {
  const length = bytes.readUInt32LE(from + 4);
  const end = from + RIFF_HEADER_BYTES + length;
  return end <= bytes.length ? Math.min(end + (length % 2), bytes.length) : undefined;
};

/** Images have about five boxes, fragmented films hundreds, hostile 10 MB files a million: half a second. */
const BOXES_MAX = 10_000;

/** ISO/IEC 14496-12, 4.2: a sequence of boxes. */
export const boxesEnd: ImageEnd = (bytes, from) => {
  let at = from;
  for (let boxes = 0; at + 8 <= bytes.length && isBoxType(bytes, at + 4); boxes += 1) {
    if (boxes === BOXES_MAX) return undefined;
    const size = bytes.readUInt32BE(at);
    // 0: the box extends to the end of the file. 1: the size is in the next 64 bits.
    if (size === 0) return bytes.length;
    const isLarge = size === 1;
    if (isLarge && at + 16 > bytes.length) return undefined;
    const length = isLarge ? Number(bytes.readBigUInt64BE(at + 8)) : size;
    if (length < (isLarge ? 16 : 8)) return undefined;
    at += length;
  }
  return at <= bytes.length ? at : undefined;
};

/** A box type is four printable characters. */
function isBoxType(bytes: Buffer, at: number): boolean {
  for (let index = at; index < at + 4; index += 1) {
    const character = bytes[index] ?? 0;
    if (character < 0x20 || character > 0x7e) return false;
  }
  return true;
}
