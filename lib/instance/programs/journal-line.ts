/** A line of the journal, ready for CloudWatch. */
export interface JournalLine {
  readonly timestampMs: number;
  readonly message: string;
  /** Size of the message in a batch. */
  readonly bytes: number;
  readonly cursor: string;
}

/** Half of the longest line that install.sh allows in journald, and an eighth of the quota for one event. */
const MESSAGE_BYTES_MAX = 131_072;
/** Size that PutLogEvents adds to every event. */
const EVENT_OVERHEAD_BYTES = 26;

/**
 * Parses one line of `journalctl --output=json`; undefined if it has no message. A message above the limit
 * keeps its beginning and says how many bytes are missing.
 */
export function journalLine(text: string): JournalLine | undefined {
  const entry = JSON.parse(text) as Record<string, unknown>;
  // The journal writes a message that is not UTF-8 as an array of bytes.
  const raw = entry['MESSAGE'];
  const whole = Array.isArray(raw) ? Buffer.from(raw as number[]).toString() : raw;
  if (typeof whole !== 'string' || whole === '') return undefined;
  const message = capped(whole);
  return {
    timestampMs: Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1000),
    message,
    bytes: Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES,
    cursor: String(entry['__CURSOR']),
  };
}

function capped(message: string): string {
  const bytes = Buffer.byteLength(message);
  if (bytes <= MESSAGE_BYTES_MAX) return message;
  const kept = Buffer.from(message).subarray(0, MESSAGE_BYTES_MAX).toString();
  // Remove a character that was cut in two.
  return `${kept.replace(/\uFFFD$/, '')} … ${bytes - MESSAGE_BYTES_MAX} bytes more`;
}
