import { boxesEnd, jpegEnd, pngEnd, webpEnd } from './image-end.ts';
import type { ImageMediaType } from './image-format.ts';
import { isPhoneTrailer } from './phone-trailer.ts';

/**
 * What a file is besides the image that it begins as. `damaged`: where the image ends cannot be found. `another format`:
 * something follows the image, or the file has the marks by which other programs recognise one of theirs.
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

/** Readers of PDF look for its header in the first 1,024 bytes. */
const PDF_WITHIN_BYTES = 1024;
/**
 * A tag that makes a browser or PHP take a file for its own. XMP and the property lists of editors have none of them. A
 * short name counts only where it ends as the name of a tag does, and `svg`, four bytes with its bracket, only before
 * text: alone it is met by chance in one of 50 files of 10 MB of pixels.
 */
const TAG =
  /<(?:script|iframe|html[\t-\r />]|\?php[\t-\r ]|!doctype[\t-\r ]{1,9}(?:html|svg)|svg[\t-\r />][\t-\r -~]{3})/i;
/** Long enough that they are not met by chance: once in 10,000 files of 10 MB of noise, with all tags and ZIP's record. */
const marks = ['Rar!\u001a\u0007', "7z\u00bc\u00af'\u001c", '__HALT_COMPILER();'].map((mark) =>
  Buffer.from(mark, 'latin1'),
);

/** What an archive on tape, a medical picture and a file system are known by, whatever is before it. */
const marksAt = [
  ['ustar', 257],
  ['DICM', 128],
  ['CD001', 0x8001],
] as const;

/** Anywhere in the file, pixels included, as those who look for them do. */
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

/** One expression over the whole file: whatever it is full of, 10 MB take less than 0.2 s of the process. */
function hasTag(bytes: Buffer): boolean {
  return TAG.test(bytes.toString('latin1'));
}

const ZIP_END = Buffer.from('PK\u0005\u0006', 'latin1');
/** The record itself, and the longest comment behind it. */
const ZIP_END_WITHIN_BYTES = 22 + 0xffff;

/** A ZIP, and so a JAR or an office document, is found by the record at its end. */
function hasZipDirectory(bytes: Buffer): boolean {
  return bytes.includes(ZIP_END, Math.max(0, bytes.length - ZIP_END_WITHIN_BYTES));
}

/** The length after the first four bytes of a JPEG or a WebP file spells the beginning of a comment of JavaScript. */
function beginsAsScript(bytes: Buffer): boolean {
  return bytes.toString('latin1', 4, 6) === '/*';
}
