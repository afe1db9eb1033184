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
/** A tag that makes a browser or PHP take a file for its own. XMP and the property lists of editors have none of them. */
const tags = ['<script', '<html', '<svg', '<iframe', '<?php', '<!doctype html', '<!doctype svg'];
const TAG_BYTES_MAX = Math.max(...tags.map(({ length }) => length));
/** Long enough that they are not met by chance: less than once in 5,000 files of 10 MB of noise, all tags together. */
const marks = ['Rar!\u001a\u0007', "7z\u00bc\u00af'\u001c", '__HALT_COMPILER();'].map((mark) =>
  Buffer.from(mark, 'latin1'),
);

/** Anywhere in the file, pixels included, as those who look for them do. */
function hasForeignMark(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, PDF_WITHIN_BYTES).includes('%PDF-') ||
    marks.some((mark) => bytes.includes(mark)) ||
    hasZipDirectory(bytes) ||
    hasTag(bytes) ||
    beginsAsScript(bytes)
  );
}

function hasTag(bytes: Buffer): boolean {
  for (let at = bytes.indexOf('<'); at !== -1; at = bytes.indexOf('<', at + 1)) {
    // Most that look like one have another letter here; nothing is copied for them.
    if (!'sShHiI?!'.includes(String.fromCharCode(bytes[at + 1] ?? 0))) continue;
    const text = bytes.toString('latin1', at, at + TAG_BYTES_MAX).toLowerCase();
    if (tags.some((tag) => text.startsWith(tag))) return true;
  }
  return false;
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
