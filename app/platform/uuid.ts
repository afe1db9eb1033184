import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const RANDOM_BYTES = 16;
/** Random bytes are fetched for this many ids at once: a fetch costs 3 µs, whatever its size. */
const POOLED_IDS = 256;

const pool = Buffer.allocUnsafe(RANDOM_BYTES * POOLED_IDS);
let poolAt = pool.length;
let lastMs = 0;
let seq = 0;

/**
 * A new UUIDv7 (RFC 9562) in its text form. Ids made by one process ascend, also when its clock goes back, so
 * that inserts append to the clustered index.
 */
export function newUuid(): string {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const random = pool.subarray(poolAt, poolAt + RANDOM_BYTES);
  poolAt += RANDOM_BYTES;
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // 31 random bits: there is always room to count up within a millisecond.
    seq = random.readUInt32BE(0) >>> 1;
  } else {
    seq = (seq + 1) >>> 0;
    if (seq === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq });
}

/** The 16 bytes of a UUID's text form. The text has been validated at the edge. */
export function uuidBytes(text: string): Buffer {
  const hex = text.slice(0, 8) + text.slice(9, 13) + text.slice(14, 18) + text.slice(19, 23) + text.slice(24);
  return Buffer.from(hex, 'hex');
}

/** The lower-case text form of 16 bytes. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The lowest UUIDv7 of a moment: the ids made since are above it. */
export function firstUuidAt(time: Date): Buffer {
  const id = Buffer.alloc(16);
  id.writeUIntBE(Math.max(0, time.getTime()), 0, 6);
  return id;
}
