import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const RANDOM_BYTES = 16;
/** Random bytes are fetched for this many ids at once: a fetch costs 3 µs, whatever its size. */
const POOLED_IDS = 256;

const pool = Buffer.allocUnsafe(RANDOM_BYTES * POOLED_IDS);
let poolAt = pool.length;

/**
 * Makes new UUIDv7s (RFC 9562) in their text form, of the time that `nowMs` tells. Ids of one source ascend, also when its
 * clock goes back, so that inserts append to the clustered index.
 */
export function createUuidSource(nowMs: () => number): () => string {
  let lastMs = 0;
  let seq = 0;
  return () => {
    if (poolAt === pool.length) {
      randomFillSync(pool);
      poolAt = 0;
    }
    const random = pool.subarray(poolAt, poolAt + RANDOM_BYTES);
    poolAt += RANDOM_BYTES;
    const now = nowMs();
    if (now > lastMs) {
      lastMs = now;
      // 31 random bits: there is always room to count up within a millisecond.
      seq = random.readUInt32BE(0) >>> 1;
    } else {
      seq = (seq + 1) >>> 0;
      if (seq === 0) lastMs += 1;
    }
    return v7({ random, msecs: lastMs, seq });
  };
}

/** A new UUIDv7 by the clock of this process. */
export const newUuid = createUuidSource(() => Date.now());

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
