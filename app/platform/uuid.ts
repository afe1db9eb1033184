import { v7 } from 'uuid';

/**
 * A new UUIDv7 (RFC 9562) in its text form. Ids made by one process ascend, so that inserts append to the
 * clustered index.
 */
export function newUuid(): string {
  return v7();
}

const DASHES = /-/g;

/** The 16 bytes of a UUID's text form. The text has been validated at the edge. */
export function uuidBytes(text: string): Buffer {
  return Buffer.from(text.replace(DASHES, ''), 'hex');
}

/** The lower-case text form of 16 bytes. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
