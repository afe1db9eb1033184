import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const RANDOM_BYTES = 16;
/** Fetch random bytes for this many ids at once: a fetch costs 3 µs, whatever its size. */
const POOLED_IDS = 256;

const pool = Buffer.allocUnsafe(RANDOM_BYTES * POOLED_IDS);
let poolAt = pool.length;

/**
 * Returns a function that generates UUIDv7s (RFC 9562) as text, with the time of `nowMs`. The ids of one
 * source ascend, even when its clock is set back, so that inserts append to the clustered index.
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
      // 31 random bits leave room to count up within a millisecond.
      seq = random.readUInt32BE(0) >>> 1;
    } else {
      seq = (seq + 1) >>> 0;
      if (seq === 0) lastMs += 1;
    }
    return v7({ random, msecs: lastMs, seq });
  };
}

/** Generates a UUIDv7 by the clock of this process. */
export const newUuid = createUuidSource(() => Date.now());

/** Returns the 16 bytes of a UUID's text form, which must be valid. */
export function uuidBytes(text: string): Buffer {
  const hex = text.slice(0, 8) + text.slice(9, 13) + text.slice(14, 18) + text.slice(19, 23) + text.slice(24);
  return Buffer.from(hex, 'hex');
}

/** Returns the lower-case text form of 16 bytes. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Returns the lowest UUIDv7 of a moment. Ids generated since are above it. */
export function firstUuidAt(time: Date): Buffer {
  const id = Buffer.alloc(16);
  id.writeUIntBE(Math.max(0, time.getTime()), 0, 6);
  return id;
}

/** Returns the moment of a UUIDv7, to the millisecond. */
export function uuidTime(id: Buffer): Date {
  return new Date(id.readUIntBE(0, 6));
}
