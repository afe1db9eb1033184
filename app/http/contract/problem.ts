import { type ProblemCode, problemTable } from './problem-table.ts';

/** One field that validation rejected. */
export interface FieldError {
  /** JSON pointer into the body, or `query/limit`, `header/idempotency-key`, `path/productId`. */
  readonly pointer: string;
  readonly detail: string;
}

/** An outcome that the client must learn about: a value, not an exception. */
export interface Problem {
  readonly problem: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Members of this code only, such as `available` of `out_of_stock`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Sent as Retry-After. */
  readonly retryAfterS?: number;
}

export function problem(code: ProblemCode, rest: Omit<Problem, 'problem'> = {}): Problem {
  return { problem: code, ...rest };
}

/** The body of RFC 9457, `application/problem+json`. */
export function problemBody(
  outcome: Problem,
  place: { instance: string; traceId: string },
): Record<string, unknown> {
  const { status, title } = problemTable[outcome.problem];
  return {
    type: `urn:rowlock:problem:${outcome.problem}`,
    title,
    status,
    ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
    instance: place.instance,
    code: outcome.problem,
    traceId: place.traceId,
    ...(outcome.errors === undefined ? {} : { errors: outcome.errors }),
    ...outcome.extra,
  };
}
