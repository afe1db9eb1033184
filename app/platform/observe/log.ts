import { Writable } from 'node:stream';
import { createLogger, format, type Logger, transports } from 'winston';

export type Log = Logger;

/**
 * Names of fields whose values are never logged, at any depth. Bodies and headers are not logged at all; this
 * is the second line of defence.
 */
const SECRET_FIELD =
  /password|passphrase|secret|token|authorization|cookie|credential|api[-_]?key|access[-_]?key/i;

/** User and password in a URL, which a driver may repeat in an error message. A password may contain an @. */
const URL_CREDENTIALS = /:\/\/[^\s/]*@/g;

const DEPTH_MAX = 6;

/** Caches SECRET_FIELD by name: all lines use the same few names. */
const secretNames = new Map<string, boolean>();
const NAMES_MAX = 1000;

function isSecret(name: string): boolean {
  const known = secretNames.get(name);
  if (known !== undefined) return known;
  const secret = SECRET_FIELD.test(name);
  if (secretNames.size < NAMES_MAX) secretNames.set(name, secret);
  return secret;
}

/**
 * Replaces the values of secret fields and the credentials in URLs. Errors become name, message, code and
 * stack.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (value instanceof Error) {
    const { code, errno } = value as { code?: unknown; errno?: unknown };
    return redact(
      { name: value.name, message: value.message, code, errno, stack: value.stack, cause: value.cause },
      depth,
    );
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') {
    return value.includes('://') ? value.replace(URL_CREDENTIALS, '://[redacted]@') : value;
  }
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date || Buffer.isBuffer(value)) return value instanceof Date ? value : '[bytes]';
  if (depth >= DEPTH_MAX) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    copy[key] = isSecret(key) ? '[redacted]' : redact(item, depth + 1);
  }
  return copy;
}

const MESSAGE = Symbol.for('message');

let lines = '';

function flush(): void {
  const written = lines;
  lines = '';
  if (written !== '') process.stdout.write(written);
}

/** Writes all lines of one tick together: one system call instead of hundreds. */
function writeWithTick(line: string): void {
  if (lines === '') setImmediate(flush);
  lines += line;
}

const standardOutput = new Writable({
  decodeStrings: false,
  write: (line: string, _encoding, done) => {
    writeWithTick(line);
    done();
  },
});
// A reader of the log that goes away does not stop the process.
process.stdout.on('error', () => undefined);
// No tick follows process.exit.
process.on('exit', flush);

function lineOf(level: string, event: unknown, fields: object): string {
  return JSON.stringify({ ts: timestamp(), level, event, ...(redact(fields) as object) });
}

let timestampMs = 0;
let timestampText = '';

/** Now, in ISO 8601. Lines of one millisecond share the text. */
function timestamp(): string {
  const nowMs = Date.now();
  if (nowMs !== timestampMs) {
    timestampMs = nowMs;
    timestampText = new Date(nowMs).toISOString();
  }
  return timestampText;
}

/**
 * Logs one JSON object per line on standard output. `log.info('order_placed', { orderId, durationMs })`
 * writes
 * `{"ts":…,"level":"info","event":"order_placed","orderId":…}`. The event is a constant in snake case;
 * everything that varies is a field.
 */
export function createLog(options: { level: string; role: string; stage: string }): Log {
  const line = format((info) => {
    const { level, message, ...fields } = info;
    // winston's transports write the value of this symbol.
    info[MESSAGE] = lineOf(level, message, fields);
    return info;
  });
  return createLogger({
    level: options.level,
    format: line(),
    defaultMeta: { role: options.role, stage: options.stage },
    transports: [new transports.Stream({ stream: standardOutput })],
    exitOnError: false,
  });
}

/**
 * Returns a function that writes the same lines as `log.info`, past winston's streams, for the line of every
 * request: 0.8 µs instead of 2.4. The level is read once.
 */
export function infoLines(log: Log): (event: string, fields: Readonly<Record<string, unknown>>) => void {
  if (!log.isLevelEnabled('info')) return () => undefined;
  const context = membersOf(log.defaultMeta as Readonly<Record<string, unknown>>);
  return (event, fields) => {
    writeWithTick(
      `{"ts":"${timestamp()}","level":"info","event":"${event}"${context}${membersOf(fields)}}\n`,
    );
  };
}

/** The same text as in `lineOf`, each member after a comma, without a copy of the object. */
function membersOf(fields: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    text += `,"${name}":${isSecret(name) ? '"[redacted]"' : JSON.stringify(redact(value))}`;
  }
  return text;
}
