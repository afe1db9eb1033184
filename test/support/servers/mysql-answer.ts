/**
 * Status flag at the end of the answer to a statement: the answer to another statement of the same packet
 * follows.
 */
const MORE_RESULTS = 0x0008;
const OK = 0x00;
const EOF = 0xfe;
const ERROR = 0xff;

/**
 * True if these bytes are MySQL's whole answer to one packet of statements. MySQL answers the statements one
 * by one, and has executed the last statement only when its answer is there.
 */
export function isWholeAnswer(bytes: Buffer): boolean {
  let columnsToCome = 0;
  let part: 'start' | 'columns' | 'rows' = 'start';
  for (const packet of packetsOf(bytes)) {
    const kind = packet[0] as number;
    if (kind === ERROR) return true;
    if (columnsToCome > 0) columnsToCome -= 1;
    else if (part === 'columns' && kind === EOF) part = 'rows';
    else if (part === 'start' ? kind === OK : kind === EOF) {
      if ((statusOf(packet) & MORE_RESULTS) === 0) return true;
      part = 'start';
    } else if (part === 'start') {
      columnsToCome = kind;
      part = 'columns';
    }
  }
  return false;
}

function* packetsOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUIntLE(at, 3);
    if (end > bytes.length) return;
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

/**
 * Status flags of an OK packet, after two numbers of varying length, or of an EOF packet, after the count of
 * warnings.
 */
function statusOf(packet: Buffer): number {
  return packet.readUInt16LE(packet[0] === EOF ? 3 : afterNumber(packet, afterNumber(packet, 1)));
}

function afterNumber(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 0xfb) return at + 1;
  return at + { 0xfc: 3, 0xfd: 4, 0xfe: 9 }[first as 0xfc | 0xfd | 0xfe];
}
