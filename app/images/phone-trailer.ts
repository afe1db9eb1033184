import { boxesEnd, jpegEnd } from './image-end.ts';

/** Limit on pictures after the first one. A preview, a depth map and a gain map are three. */
const PICTURES_MAX = 16;

/**
 * True if the data after a JPEG, from `from` on, is what cameras and phones append:
 *
 * - zeros
 * - complete further JPEGs (CIPA DC-007 multi-picture format: previews, the gain map of an Ultra HDR photo)
 * - the film of a motion photo, which is MP4 up to the end
 * - Samsung's trailer, with which every photo of its phones ends
 *
 * Each must be complete, and nothing may follow.
 */
export function isPhoneTrailer(bytes: Buffer, from: number): boolean {
  let at = withoutZeros(bytes, from);
  for (let pictures = 0; pictures < PICTURES_MAX; pictures += 1) {
    const end = jpegEnd(bytes, at);
    if (end === undefined) break;
    at = withoutZeros(bytes, end);
  }
  return at === bytes.length || isFilm(bytes, at) || isSamsungTrailer(bytes, at);
}

function withoutZeros(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0) at += 1;
  return at;
}

/** The length of the first box starts with zeros, which the caller has skipped as padding. */
function isFilm(bytes: Buffer, at: number): boolean {
  return [1, 2, 3].some((zeros) => {
    const from = at - zeros;
    return bytes.toString('latin1', from + 4, from + 8) === 'ftyp' && boxesEnd(bytes, from) === bytes.length;
  });
}

const DIRECTORY_HEAD_BYTES = 12;
const ENTRY_BYTES = 12;
/** Phones write about a dozen. */
const ENTRIES_MAX = 256;

/**
 * Recognises Samsung's trailer as ExifTool's Samsung.pm reads it: blocks, their directory, the directory's
 * length and `SEFT`. The directory has `SEFH`, a version, the number of entries and, per entry, two zero
 * bytes, the type, the block's distance before the directory and its size. The first block starts with two
 * zeros, which the caller has skipped as padding.
 */
function isSamsungTrailer(bytes: Buffer, at: number): boolean {
  const lengthAt = bytes.length - 8;
  if (lengthAt < at || bytes.toString('latin1', lengthAt + 4) !== 'SEFT') return false;
  const directoryAt = lengthAt - bytes.readUInt32LE(lengthAt);
  if (directoryAt < at || bytes.toString('latin1', directoryAt, directoryAt + 4) !== 'SEFH') return false;
  const entries = bytes.readUInt32LE(directoryAt + 8);
  if (entries > ENTRIES_MAX) return false;
  if (directoryAt + DIRECTORY_HEAD_BYTES + entries * ENTRY_BYTES !== lengthAt) return false;
  const blocks = Array.from({ length: entries }, (_, index) => {
    const entryAt = directoryAt + DIRECTORY_HEAD_BYTES + index * ENTRY_BYTES;
    const blockAt = directoryAt - bytes.readUInt32LE(entryAt + 4);
    return { blockAt, endAt: blockAt + bytes.readUInt32LE(entryAt + 8) };
  }).toSorted((a, b) => a.blockAt - b.blockAt);
  // The blocks are contiguous from the end of the picture to the directory.
  const isWhole = blocks.every(({ endAt }, index) => endAt === (blocks[index + 1]?.blockAt ?? directoryAt));
  const first = blocks[0];
  return first !== undefined && isWhole && first.blockAt <= at && first.blockAt >= at - 4;
}
