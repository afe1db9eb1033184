/** A line of the journal on its way to CloudWatch. */
export interface JournalLine {
  readonly timestampMs: number;
  readonly message: string;
  /** What the message counts for in a batch. */
  readonly bytes: number;
  readonly cursor: string;
}

/** Half of what install.sh lets journald take as one line, and an eighth of the quota of one event. */
const MESSAGE_BYTES_MAX = 131_072;
/** What PutLogEvents adds for every event. */
const EVENT_OVERHEAD_BYTES = 26;

/**
 * What `journalctl --output=json` wrote as one line; undefined where it has no message. A message that is longer than
 * the cap keeps its beginning and says how much is missing.
 */
export function journalLine(text: string): JournalLine | undefined {
  const entry = JSON.parse(text) as Record<string, unknown>;
  // The journal gives what is no UTF-8 as an array of bytes.
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
  // A character that was cut in two.
  return `${kept.replace(/\uFFFD$/, '')} … ${bytes - MESSAGE_BYTES_MAX} bytes more`;
}
