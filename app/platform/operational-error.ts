/** What a caller can do about a failure that is neither a business outcome nor a bug. */
export type OperationalCode =
  /** The same request may succeed at once: a lock was busy, a queue was full, an outcome is not known yet. */
  | 'busy_retry'
  /** MySQL, Redis, S3 or SQS does not answer. */
  | 'dependency_unavailable';

/**
 * A failure of the surroundings. The message and the cause are for the log and never reach a client; the
 * code does. `retryable` means that running the whole operation again with the same idempotency key is safe.
 */
export class OperationalError extends Error {
  readonly code: OperationalCode;
  readonly retryable: boolean;

  constructor(
    code: OperationalCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'OperationalError';
    this.code = code;
    this.retryable = options.retryable ?? true;
  }
}

/** What happened, in a few words for the log: message, then code and number of the cause. */
export function failureReason({ message, cause }: OperationalError): string {
  const inner = (cause ?? {}) as { message?: unknown; code?: unknown; errno?: unknown };
  return [message, inner.message, inner.code, inner.errno]
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join('; ');
}
