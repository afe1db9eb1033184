import { expect } from 'chai';
import sharp from 'sharp';
import { foreignContent } from '../../app/images/foreign-content.ts';
import type { ImageMediaType } from '../../app/images/image-format.ts';
import { picture } from '../support/shop/image-uploads.ts';

const formats = ['jpeg', 'png', 'webp', 'avif'] as const;
const text = (content: string) => Buffer.from(content, 'latin1');
const xmp = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">
    Salt &lt;script&gt; &amp; pepper</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>
  <?xpacket end="w"?>`;
/** What editors on macOS keep of the printer. */
const propertyList =
  '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"><plist></plist>';

/** The header of a ZIP of one stored file, and what it is found by. */
const zip = text(
  `PK\u0003\u0004${'\0'.repeat(22)}\u0001\0\0\0aPK\u0001\u0002${'\0'.repeat(42)}PK\u0005\u0006${'\0'.repeat(18)}`,
);
const box = (type: string, content = '') => {
  const head = Buffer.alloc(8, type, 'latin1');
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, text(content)]);
};
const film = Buffer.concat([
  box('ftyp', 'mp42\0\0\0\0isom'),
  box('mdat', 'x'.repeat(500)),
  box('moov', 'y'.repeat(80)),
]);

/** As `Samsung.pm` of ExifTool describes it. */
function samsungTrailer(...contents: string[]): Buffer {
  const blocks = contents.map((content) => text(`\0\0\u0001\n\u0004\0\0\0name${content}`));
  const entries = blocks.map((block, index) => {
    const entry = Buffer.alloc(12);
    const distance = Buffer.concat(blocks.slice(index)).length;
    entry.writeUInt16LE(0x0a01, 2);
    entry.writeUInt32LE(distance, 4);
    entry.writeUInt32LE(block.length, 8);
    return entry;
  });
  const head = Buffer.alloc(12, 'SEFH');
  head.writeUInt32LE(106, 4);
  head.writeUInt32LE(entries.length, 8);
  const directory = Buffer.concat([head, ...entries]);
  const end = Buffer.alloc(8, '\0\0\0\0SEFT', 'latin1');
  end.writeUInt32LE(directory.length);
  return Buffer.concat([...blocks, directory, end]);
}

/** A segment behind the first marker of a JPEG. */
function withSegment(jpeg: Buffer, marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** Counting what runs, for the coverage, slows a process down. */
const SLOWED = process.env.NODE_V8_COVERAGE === undefined ? 1 : 3;

describe('what an image is besides an image', () => {
  let jpeg: Buffer;
  before(async () => {
    jpeg = await picture('jpeg');
  });
  const typeOf = (format: (typeof formats)[number]): ImageMediaType => `image/${format}`;
  const ofJpeg = (...behind: Uint8Array[]) => foreignContent(Buffer.concat([jpeg, ...behind]), 'image/jpeg');

  for (const format of formats) {
    it(`is nothing: ${format.toUpperCase()} with Exif, XMP and a colour profile, of many sizes`, async () => {
      for (const [width, height] of [
        [1, 1],
        [37, 3],
        [640, 481],
      ] as const) {
        const bytes = await sharp(await picture('png', { width, height }))
          .withExif({ IFD0: { ImageDescription: '50 < 60 > 40', Copyright: propertyList } })
          .withXmp(xmp)
          .withIccProfile('p3')
          .toFormat(format, format === 'avif' ? { effort: 0 } : {})
          .toBuffer();
        expect(foreignContent(bytes, typeOf(format)), `${width} x ${height}`).to.equal('none');
      }
    });

    it(`is damage: ${format.toUpperCase()} cut short`, async () => {
      const bytes = await picture(format);
      for (const length of [bytes.length - 1, bytes.length - 9, bytes.length >> 1]) {
        expect(foreignContent(bytes.subarray(0, length), typeOf(format)), `${length} bytes`).to.equal(
          'damaged',
        );
      }
    });

    it(`is another format: something behind the end of ${format.toUpperCase()}`, async () => {
      const bytes = await picture(format);
      for (const more of [zip, text('<html>'), text('*/alert(1)\n//\0'), text('\0\0\0x'), text('\n')]) {
        const found = foreignContent(Buffer.concat([bytes, more]), typeOf(format));
        // A text whose first letters are taken for the length of a box of AVIF that is cut short.
        const isBox = format === 'avif' && more.includes('alert');
        expect(found, more.toString('latin1')).to.equal(isBox ? 'damaged' : 'another format');
      }
    });
  }

  it('is nothing: JPEGs of several scans, with restarts, with the preview of a camera', async () => {
    const progressive = await sharp(jpeg).jpeg({ progressive: true }).toBuffer();
    expect(foreignContent(progressive, 'image/jpeg')).to.equal('none');
    const preview = await sharp(jpeg).resize(160).jpeg().toBuffer();
    const exif = withSegment(jpeg, 0xe1, Buffer.concat([text('Exif\0\0'), preview]));
    expect(foreignContent(exif, 'image/jpeg')).to.equal('none');
  });

  it('is nothing: what cameras and phones put behind a JPEG', async () => {
    const gainMap = withSegment(await sharp(jpeg).resize(80).greyscale().jpeg().toBuffer(), 0xe1, text(xmp));
    const zeros = Buffer.alloc(700);
    const samsung = samsungTrailer('1700000000000', 'more');
    for (const [what, ...behind] of [
      ['zeros up to a full block', zeros],
      ['a gain map', gainMap],
      ['a preview and a gain map, aligned', zeros, jpeg, zeros, gainMap],
      ['a film', film],
      ['a gain map and a film', gainMap, film],
      ["Samsung's trailer", samsung],
      [
        "a gain map and Samsung's trailer with a film in it",
        gainMap,
        samsungTrailer('1', film.toString('latin1')),
      ],
    ] as const) {
      expect(ofJpeg(...behind), what).to.equal('none');
    }
  });

  it('is another format: the same with something behind or between', () => {
    const other = text('alert(1)//');
    for (const [what, ...behind] of [
      ['half a gain map', jpeg.subarray(0, -2)],
      ['text behind a gain map', jpeg, other],
      ['text behind a film', film, other],
      ["text before Samsung's trailer", other, samsungTrailer('1')],
      ["text behind Samsung's trailer", samsungTrailer('1'), other],
      ['seventeen pictures', ...Array.from({ length: 17 }, () => jpeg)],
      ["a page in Samsung's trailer", samsungTrailer('<SCRIPT>')],
      ['a ZIP in a film', film, box('free', zip.toString('latin1'))],
    ] as const) {
      expect(ofJpeg(...behind), what).to.equal('another format');
    }
  });

  it('is another format: its marks in metadata', () => {
    for (const content of [
      '<script>',
      '<ScRiPt src=x>',
      'a <html lang=en>',
      '<svg onload=alert(1)>',
      '<iframe>',
      '<?php system($_GET[0]); __halt',
      '<!DOCTYPE HTML>',
      '<?xml version="1.0"?><!DOCTYPE svg>',
      '%PDF-1.4',
      zip.toString('latin1'),
      'Rar!\u001a\u0007\u0001\0',
      "7z\u00bc\u00af'\u001c",
      '<?= 1; __HALT_COMPILER(); ?>',
    ]) {
      // A comment, and a segment of an application.
      for (const marker of [0xfe, 0xe9]) {
        const bytes = withSegment(jpeg, marker, text(content));
        expect(foreignContent(bytes, 'image/jpeg'), content).to.equal('another format');
      }
    }
  });

  it('is another format: a mark at the place where it is looked for, and nowhere else', () => {
    for (const [mark, at] of [
      ['ustar', 257],
      ['DICM', 128],
      ['CD001', 0x8001],
    ] as const) {
      // Six bytes are before the content of the first segment.
      const content = (place: number) => text(mark.padStart(place - 6 + mark.length));
      expect(foreignContent(withSegment(jpeg, 0xfe, content(at)), 'image/jpeg')).to.equal('another format');
      expect(foreignContent(withSegment(jpeg, 0xfe, content(at + 1)), 'image/jpeg')).to.equal('none');
    }
  });

  it('is another format: a header whose length begins a comment of JavaScript', async () => {
    const script = withSegment(jpeg, 0xe0, Buffer.concat([text('JFIF\0'), Buffer.alloc(0x2f2a - 7)]));
    expect(script.toString('latin1', 4, 6)).to.equal('/*');
    expect(foreignContent(script, 'image/jpeg')).to.equal('another format');
    const other = withSegment(jpeg, 0xe0, Buffer.concat([text('JFIF\0'), Buffer.alloc(0x2f2a - 8)]));
    expect(foreignContent(other, 'image/jpeg')).to.equal('none');
  });

  it('is nothing: the beginning of a tag that pixels have by chance', () => {
    for (const content of ['<svg', '<SVG\u0000 onload', '<sVg >\u0080\u0090', '<htmL\u00ff', '<?php\u0001']) {
      expect(foreignContent(withSegment(jpeg, 0xe9, text(content)), 'image/jpeg'), content).to.equal('none');
    }
  });

  it('is looked for in less than 0.5 s of 10 MB that are made to be slow', () => {
    const full = (hex: string) => Buffer.alloc(9_999_984, Buffer.from(hex, 'hex'));
    const hex = (digits: string) => Buffer.from(digits, 'hex');
    const signature = hex('89504e470d0a1a0a');
    const end = hex('0000000049454e44ae426082');
    const chunk = (content: Buffer) => {
      const head = Buffer.alloc(8, '0000IDAT', 'latin1');
      head.writeUInt32BE(content.length);
      return Buffer.concat([signature, head, content, Buffer.alloc(4), end]);
    };
    for (const [what, mediaType, bytes, found = 'none'] of [
      ['brackets', 'image/png', chunk(Buffer.alloc(10_000_000, '<'))],
      ['almost tags', 'image/png', chunk(Buffer.alloc(10_000_000, '<!doctyp'))],
      ['empty chunks', 'image/png', Buffer.concat([signature, full('000000007445587400000000'), end])],
      [
        'empty boxes',
        'image/avif',
        Buffer.concat([box('ftyp', 'avif\0\0\0\0'), full('0000000866726565')]),
        'damaged',
      ],
      ['restarts', 'image/jpeg', Buffer.concat([hex('ffd8ffda0002'), full('ffd0'), hex('ffd9')])],
      ['scans', 'image/jpeg', Buffer.concat([hex('ffd8'), full('ffda0002'), hex('ffd9')])],
      [
        'a film of empty boxes',
        'image/jpeg',
        Buffer.concat([jpeg, box('ftyp', 'mp42'), full('0000000866726565')]),
        'another format',
      ],
    ] as const) {
      const startUs = process.cpuUsage().user;
      expect(foreignContent(bytes, mediaType), what).to.equal(found);
      expect((process.cpuUsage().user - startUs) / 1000, `${what}, ms`).to.be.lessThan(500 * SLOWED);
    }
    const directory = Buffer.alloc(12 + 12 * 800_000, 'SEFH');
    directory.writeUInt32LE(800_000, 8);
    const length = Buffer.alloc(8, '\0\0\0\0SEFT', 'latin1');
    length.writeUInt32LE(directory.length);
    const startUs = process.cpuUsage().user;
    expect(ofJpeg(directory, length), 'a directory without blocks').to.equal('another format');
    expect((process.cpuUsage().user - startUs) / 1000, 'a directory without blocks, ms').to.be.lessThan(
      500 * SLOWED,
    );
  });

  it('is nothing in 40 MB of noise, and looked for in less than 0.3 s for 10 MB', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 80 };
    for (let file = 0; file < 4; file += 1) {
      const image = sharp({ create: { width: 2300, height: 1500, channels: 3, background: '#888', noise } });
      const bytes = await image.png({ compressionLevel: 0 }).toBuffer();
      expect(bytes.length).to.be.greaterThan(10_000_000);
      const startUs = process.cpuUsage().user;
      expect(foreignContent(bytes, 'image/png')).to.equal('none');
      expect((process.cpuUsage().user - startUs) / 1000).to.be.lessThan(300 * SLOWED);
    }
  });
});
