import { boxesEnd, jpegEnd } from './image-end.ts';

/** Pictures behind the first one: a preview, a depth map and a gain map are three. */
const PICTURES_MAX = 16;

/**
 * Is what follows a JPEG from `from` on what cameras and phones put there? Zeros; whole further JPEGs (CIPA DC-007
 * multi-picture format: previews, the gain map of an Ultra HDR photo); the film of a motion photo, which is
 * MP4 up to the end; and Samsung's trailer, with which every photo of its phones ends. Each has to be whole, and nothing may follow.
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

/** The length of its first box begins with zeros, which have been taken for padding. */
function isFilm(bytes: Buffer, at: number): boolean {
  return [1, 2, 3].some((zeros) => {
    const from = at - zeros;
    return bytes.toString('latin1', from + 4, from + 8) === 'ftyp' && boxesEnd(bytes, from) === bytes.length;
  });
}

const DIRECTORY_HEAD_BYTES = 12;
const ENTRY_BYTES = 12;
/** Phones write a dozen. */
const ENTRIES_MAX = 256;

/**
 * Blocks, then their directory (`SEFH`, version, number of entries, for each two bytes of zero, type, distance of the block
 * before the directory, its size), the length of that directory and `SEFT`: as ExifTool's Samsung.pm reads it. The first
 * block begins with two zeros, which have been taken for padding.
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
  // One behind the other, from the end of the picture to the directory.
  const isWhole = blocks.every(({ endAt }, index) => endAt === (blocks[index + 1]?.blockAt ?? directoryAt));
  const first = blocks[0];
  return first !== undefined && isWhole && first.blockAt <= at && first.blockAt >= at - 4;
}
