/**
 * Heads and bodies that two servers could parse differently, and ones that no server can parse. Latin-1, one
 * character per byte.
 */
export interface FramingTrick {
  readonly what: string;
  /** True if every server must reject it. */
  readonly isRefused?: true;
  /**
   * @param head request line and headers, without the empty line and without any header about the body
   * @param inner a whole request that would change the database: part of the body in one reading, a second
   * request in the other
   */
  wire(head: string, inner: string): string;
}

const hex = (text: string): string => text.length.toString(16);
const chunked = (text: string): string => `${hex(text)}\r\n${text}\r\n0\r\n\r\n`;

function lengths(values: readonly ((inner: string) => string)[]): FramingTrick[] {
  return values.map((value) => ({
    what: `Content-Length: ${value('inner')}`,
    wire: (head, inner) => `${head}\r\n${value(inner)}\r\n\r\n${inner}`,
  }));
}

const wrongLengths = lengths([
  (inner) => `Content-Length: ${inner.length}\r\nContent-Length: 0`,
  (inner) => `Content-Length: 0\r\nContent-Length: ${inner.length}`,
  (inner) => `Content-Length: ${inner.length}, 0`,
  (inner) => `Content-Length: 0, ${inner.length}`,
  (inner) => `Content-Length: ${inner.length}, ${inner.length}`,
  () => 'Content-Length: +0',
  () => 'Content-Length: -1',
  () => 'Content-Length: 0x0',
  () => 'Content-Length: 0 0',
  () => 'Content-Length: 1e1',
  () => 'Content-Length: 99999999999999999999999',
  () => 'Content-Length: 18446744073709551616',
  () => 'Content-Length: \x0b0',
  () => 'Content-Length:\t0\x0c',
  () => 'Content-Length : 0',
  () => 'Content-Length\x00: 0',
  () => 'Content-Length: 0\nX: y',
  () => 'Content-Length: 0\rX: y',
  () => 'Content_Length: 0\r\nContent-Length: x',
]);

const encodingNames = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding:\x00chunked',
  'Transfer-Encoding : chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunKed\x85',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked',
];

const conflicts = encodingNames.map(
  (name): FramingTrick => ({
    what: `${JSON.stringify(name)} and a length`,
    wire: (head, inner) => {
      const body = `0\r\n\r\n${inner}`;
      return `${head}\r\nContent-Length: ${body.length}\r\n${name}\r\n\r\n${body}`;
    },
  }),
);

const reversed: FramingTrick[] = ['Transfer-Encoding: chunked', ...encodingNames].map((name) => ({
  what: `${JSON.stringify(name)} with the inner request in a chunk, and a length that ends before it`,
  wire: (head, inner) =>
    `${head}\r\n${name}\r\nContent-Length: ${hex(inner).length + 2}\r\n\r\n${chunked(inner)}`,
}));

/** Invalid chunk sizes and endings. */
const chunks = [
  (inner: string) => `0x${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `+${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `-${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `${hex(inner)} \r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `${hex(inner)}\n${inner}\n0\n\n`,
  (inner: string) => `FFFFFFFFFFFFFFFFF\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `1${'0'.repeat(400)}\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `${hex(inner)};a="\r\n0\r\n\r\n${inner}"\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `${hex(inner)};${'x'.repeat(20_000)}\r\n${inner}\r\n0\r\n\r\n`,
  (inner: string) => `${hex(inner)}\r\n${inner}XX0\r\n\r\n`,
  (inner: string) => `0\r\nContent-Length: 5\r\nAuthorization: Bearer x\r\n\r\n`.replace('x', hex(inner)),
  (inner: string) => `${hex(inner)}\r\n${inner}\r\n0\r\n${'A: b\r\n'.repeat(5000)}\r\n`,
  (inner: string) => `;\r\n${inner}\r\n0\r\n\r\n`,
].map(
  (body): FramingTrick => ({
    what: `chunks: ${JSON.stringify(body('inner').slice(0, 60))}`,
    wire: (head, inner) => `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${body(inner)}`,
  }),
);

/** Complete bodies that belong to the request, whatever they contain. */
const bodies: FramingTrick[] = [
  {
    what: 'the inner request as a body',
    wire: (head, inner) => `${head}\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  },
  {
    what: 'the inner request in chunks',
    wire: (head, inner) => `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(inner)}`,
  },
  {
    what: 'Expect and the inner request',
    wire: (head, inner) =>
      `${head}\r\nExpect: 100-continue\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  },
  {
    what: 'Upgrade and the inner request',
    wire: (head, inner) =>
      `${head}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  },
  {
    what: 'a header split by a line feed in its name',
    wire: (head, inner) => `${head}\r\nX\nY: z\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  },
];

/** Invalid or barely valid request lines and headers. */
const heads: FramingTrick[] = [
  { what: 'line feeds alone', isRefused: true, wire: (head) => `${head.replaceAll('\r\n', '\n')}\n\n` },
  {
    what: 'HTTP/1.0 with chunks',
    wire: (head, inner) =>
      `${head.replace('HTTP/1.1', 'HTTP/1.0')}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(inner)}`,
  },
  { what: 'HTTP/0.9', isRefused: true, wire: (head) => `${head.split(' HTTP')[0]}\r\n` },
  { what: 'HTTP/2.0', isRefused: true, wire: (head) => `${head.replace('HTTP/1.1', 'HTTP/2.0')}\r\n\r\n` },
  { what: 'HTTP/1.1x', isRefused: true, wire: (head) => `${head.replace('HTTP/1.1', 'HTTP/1.1x')}\r\n\r\n` },
  { what: 'two hosts', wire: (head) => `${head}\r\nHost: evil.example\r\n\r\n` },
  { what: 'empty lines in front', wire: (head) => `\r\n\r\n\r\n${head}\r\n\r\n` },
  { what: 'blanks in front', wire: (head) => `   ${head}\r\n\r\n` },
  { what: 'a tab in the request line', wire: (head) => `${head.replace(' ', '\t')}\r\n\r\n` },
  { what: 'NUL in a header', isRefused: true, wire: (head) => `${head}\r\nX: a\x00b\r\n\r\n` },
  { what: 'a header without a name', isRefused: true, wire: (head) => `${head}\r\n: b\r\n\r\n` },
  { what: 'a folded header', wire: (head) => `${head}\r\nX: a\r\n  b\r\n\r\n` },
  { what: '3,000 headers', wire: (head) => `${head}\r\n${'a: b\r\n'.repeat(3000)}\r\n` },
  { what: 'TLS', isRefused: true, wire: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' },
  {
    what: 'HTTP/2 in clear',
    wire: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
  },
  { what: 'another protocol', isRefused: true, wire: () => 'EHLO shop\r\n' },
  {
    what: 'the PROXY protocol',
    isRefused: true,
    wire: (head) => `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${head}\r\n\r\n`,
  },
];

export const framingTricks: readonly FramingTrick[] = [
  ...wrongLengths,
  ...conflicts,
  ...reversed,
  ...chunks,
  ...bodies,
  ...heads,
];
