import { boxesEnd, jpegEnd, pngEnd, webpEnd } from './image-end.ts';
import type { ImageMediaType } from './image-format.ts';
import { isPhoneTrailer } from './phone-trailer.ts';

/**
 * Decides whether a file is anything besides the image that it starts with. `damaged`: the end of the image
 * cannot be found. `another format`: data follows the image, or the file contains marks by which other
 * programs recognise their own formats.
 */
export function foreignContent(
  bytes: Buffer,
  mediaType: ImageMediaType,
): 'none' | 'damaged' | 'another format' {
  if (hasForeignMark(bytes)) return 'another format';
  const end = ends[mediaType](bytes, 0);
  if (end === undefined) return 'damaged';
  const isAll = end === bytes.length || (mediaType === 'image/jpeg' && isPhoneTrailer(bytes, end));
  return isAll ? 'none' : 'another format';
}

const ends: Readonly<Record<ImageMediaType, (bytes: Buffer, from: number) => number | undefined>> = {
  'image/jpeg': jpegEnd,
  'image/png': pngEnd,
  'image/webp': webpEnd,
  'image/avif': boxesEnd,
};

/** PDF readers search for the header in the first 1,024 bytes. */
const PDF_WITHIN_BYTES = 1024;
/**
 * Tags that make a browser or PHP accept a file as its own. XMP and editors' property lists contain none of
 * them. A short name counts only if it ends like a tag name. `<svg` has only four bytes and counts only
 * before text: alone, it occurs by chance in one of 50 files with 10 MB of pixels.
 */
const TAG =
  /<(?:script|iframe|html[\t-\r />]|\?php[\t-\r ]|!doctype[\t-\r ]{1,9}(?:html|svg)|svg[\t-\r />][\t-\r -~]{3})/i;
/** Too long to occur by chance: with all tags and ZIP's record, once in 10,000 files with 10 MB of noise. */
const marks = ['Rar!\u001a\u0007', "7z\u00bc\u00af'\u001c", '__HALT_COMPILER();'].map((mark) =>
  Buffer.from(mark, 'latin1'),
);

/** Marks of tar archives, DICOM images and ISO 9660 file systems, at fixed offsets whatever precedes them. */
const marksAt = [
  ['ustar', 257],
  ['DICM', 128],
  ['CD001', 0x8001],
] as const;

/** Searches the whole file including its pixels, as programs that recognise these formats do. */
function hasForeignMark(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, PDF_WITHIN_BYTES).includes('%PDF-') ||
    marksAt.some(([mark, at]) => bytes.toString('latin1', at, at + mark.length) === mark) ||
    marks.some((mark) => bytes.includes(mark)) ||
    hasZipDirectory(bytes) ||
    hasTag(bytes) ||
    beginsAsScript(bytes)
  );
}

/** One expression over the whole file: 10 MB take less than 0.2 s, whatever the content. */
function hasTag(bytes: Buffer): boolean {
  return TAG.test(bytes.toString('latin1'));
}

const ZIP_END = Buffer.from('PK\u0005\u0006', 'latin1');
/** Length of the record and of the longest comment after it. */
const ZIP_END_WITHIN_BYTES = 22 + 0xffff;

/** ZIP files, including JARs and office documents, are recognised by the record at their end. */
function hasZipDirectory(bytes: Buffer): boolean {
  return bytes.includes(ZIP_END, Math.max(0, bytes.length - ZIP_END_WITHIN_BYTES));
}

/** The length field of a JPEG or WebP file, from byte 4, can spell the start of a JavaScript comment. */
function beginsAsScript(bytes: Buffer): boolean {
  return bytes.toString('latin1', 4, 6) === '/*';
}
