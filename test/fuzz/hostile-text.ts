/**
 * Replacements for valid parts of a request: JSON texts, header values, addresses. fast-check generates all
 * of them, so they depend on the seed only.
 */
import * as fc from 'fast-check';
import {
  hostileJsonValues,
  hostilePathSegments,
  hostileQueries,
  hostileQueryValues,
  unknownMembers,
} from '../support/http/hostile-values.ts';

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
const DEPTH_MAX = 4000;

/** A JSON text, including texts without an exact JavaScript value. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...hostileJsonValues.map(({ json }) => json)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.maxSafeInteger().map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.bigInt().map(String) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map((length) => `"${'\u{1F511}'.repeat(length)}"`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: DEPTH_MAX }), fc.constantFrom(['[', ']'], ['{"a":', '}']))
      .map(([depth, [open = '', close = '']]) => `${open.repeat(depth)}1${close.repeat(depth)}`),
  },
);

/** `"name":value`, as the first or last member of an object. */
export const extraMember: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...unknownMembers.map(({ json }) => json)),
  fc.constantFrom(
    '"__proto__":{"isAdmin":true,"role":"admin"}',
    '"constructor":{"prototype":{"caller":{"role":"admin"}}}',
    '"price":0',
    '"userId":"01a1fc47-2012-7291-ad54-bb79fa9e7941"',
    '"balance":1000000',
    '"hasOwnProperty":1',
    '"then":"x"',
    '"toJSON":"x"',
    '"length":-1',
  ),
  fc
    .tuple(fc.string({ unit: 'binary', maxLength: 20 }), hostileJson)
    .map(([name, json]) => `${JSON.stringify(name)}:${json}`),
);

/** One path segment. */
export const hostileSegment: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostilePathSegments) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map(encode) },
  { weight: 1, arbitrary: fc.uuid() },
  {
    weight: 1,
    arbitrary: fc.constantFrom('..', '.', ';', '*', ':', '%2f', '%5c', '\xe4', '\xff\xfe', '%25%30%30'),
  },
);

export const hostileQueryValue: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileQueryValues),
  fc.string({ unit: 'binary', maxLength: 120 }).map(encode),
  fc.json({ maxDepth: 1 }).map((json) => Buffer.from(json).toString('base64url')),
);

/** A complete query. */
export const hostileQuery: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileQueries),
  fc.string({ unit: 'binary', maxLength: 60 }).map(encode),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => text.replaceAll(/[\s#]/g, '&')),
);

/** Bytes that a header may contain, as Latin-1, without line ends. */
const headerBytes = fc.uint8Array({ maxLength: 80 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '~')
    .trim(),
);

const longValue = fc
  .integer({ min: 100, max: 20_000 })
  .map((length) => 'a=b; '.repeat(Math.ceil(length / 5)));

export const hostileValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: headerBytes },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      '*',
      '0',
      '-1',
      'null',
      '__proto__',
      '${jndi:ldap://x}',
      "' OR 1=1 --",
      '../../etc/passwd',
      'a, b',
      '"',
      ',',
      ';',
      '=',
    ),
  },
  { weight: 1, arbitrary: longValue },
);

/** Replacement for the session header. `TOKEN` stands for a real token. */
export const hostileCredentials: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  fc.tuple(
    fc.constant('Authorization'),
    fc.oneof(
      fc.constantFrom(
        'Bearer',
        'Bearer ',
        'Bearer *',
        'bearer TOKENx',
        'Bearer TOKEN TOKEN',
        'Basic YTpi',
        'Digest username="a"',
        `Bearer ${'A'.repeat(43)}`,
        'Bearer session:*',
        'TOKEN',
      ),
      headerBytes,
      fc
        .string({ unit: fc.constantFrom(...'ABCabc019_-'.split('')), minLength: 40, maxLength: 46 })
        .map((text) => `Bearer ${text}`),
    ),
  ),
  fc.tuple(
    fc.constant('Cookie'),
    fc.oneof(
      fc.constantFrom(
        'rowlock_session=',
        'rowlock_session=TOKENx',
        '__Host-rowlock_session=TOKEN',
        'rowlock_session="TOKEN"',
        'rowlock_session=%54OKEN',
        '=TOKEN',
        'rowlock_session',
        ';;;;=;=;',
        'rowlock_cart=x; rowlock_session=y',
      ),
      headerBytes,
      headerBytes.map((text) => `rowlock_session=${text}`),
      longValue,
    ),
  ),
);

const strangeHeaders = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Cache-Control',
  'Cart-Token',
  'CloudFront-Viewer-Address',
  'Cookie',
  'Date',
  'DNT',
  'Forwarded',
  'From',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'Max-Forwards',
  'Origin',
  'Pragma',
  'Proxy-Authorization',
  'Range',
  'Referer',
  'TE',
  'Trailer',
  'User-Agent',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-HTTP-Method-Override',
  'X-Original-URL',
  'X-Request-Id',
  'X-Rowlock-Key-Id',
  'X-Rowlock-Source-Address',
  'X-Rowlock-Viewer-Address',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
] as const;

/** An additional header. No such header can make a rejected request acceptable. */
export const extraHeader: fc.Arbitrary<readonly [name: string, value: string]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...strangeHeaders), hostileValue) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<readonly [string, string]>(
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Original-URL', '/admin/products'],
      ['X-Forwarded-For', '127.0.0.1, ::1, 999.1.1.1, "'],
      ['X-Forwarded-For', Array.from({ length: 500 }, (_, index) => `10.0.0.${index}`).join(', ')],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'for="[::1]:x";proto=;host=evil'],
      ['Origin', 'null'],
      ['Origin', 'https://evil.example'],
      ['If-None-Match', '*'],
      ['If-None-Match', `W/"${'",'.repeat(500)}`],
      ['Range', 'bytes=0-0,-1,5-2'],
      ['Accept-Encoding', 'gzip;q=NaN, br;q=-1'],
      ['Connection', 'close, Authorization, Host'],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'h2c, websocket'],
      ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
      ['Expect', '100-continue'],
      ['Expect', 'wonders'],
      ['Keep-Alive', 'timeout=99999, max=-1'],
      ['X-Request-Id', 'a'.repeat(8000)],
      ['X-Request-Id', '"},{"event":"forged"}'],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.string({ unit: fc.constantFrom(...'abcXYZ019-_!#$'.split('')), minLength: 1, maxLength: 20 }),
      hostileValue,
    ),
  },
);
