/** Kinds of failures that are neither a business outcome nor a bug, by what a caller can do about them. */
export type OperationalCode =
  /**
   * The same request may succeed if sent again: a lock was busy, a queue was full, an outcome is not known
   * yet.
   */
  | 'busy_retry'
  /** MySQL, Redis, S3 or SQS is unavailable. */
  | 'dependency_unavailable';

/**
 * A failure of a dependency or a limit. Message and cause are for the log and never reach a client; the code
 * does. `retryable` means that the whole operation may safely run again with the same idempotency key.
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

/** Describes the failure for the log: its message, then message, code and number of the cause. */
export function failureReason({ message, cause }: OperationalError): string {
  const inner = (cause ?? {}) as { message?: unknown; code?: unknown; errno?: unknown };
  return [message, inner.message, inner.code, inner.errno]
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join('; ');
}
