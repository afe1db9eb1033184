import type { operations as Types } from './api-types.ts';
import { type OperationCall, operations, type ProblemCode } from './operations.ts';

export type OperationId = keyof typeof operations & keyof Types;

type Part<Id extends OperationId, Name extends 'path' | 'query'> = NonNullable<Types[Id]['parameters'][Name]>;
type Body<Id extends OperationId> = Types[Id] extends {
  requestBody: { content: { 'application/json': infer Json } };
}
  ? Json
  : never;
type Success<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends { content: { 'application/json': infer Json } }
    ? Json
    : undefined;
}[keyof Responses];

/** What an operation answers with; undefined where it answers without a body. */
export type Answer<Id extends OperationId> = Success<Omit<Types[Id]['responses'], 304>>;

export interface CallOptions<Id extends OperationId> {
  readonly path?: Part<Id, 'path'>;
  readonly query?: Part<Id, 'query'>;
  readonly body?: Body<Id>;
  /**
   * Names this deed. Keep it and call again with it after a reload, and the deed happens once. Made for each
   * call if it is left out.
   */
  readonly key?: string;
  /** ETag of the version to change. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  readonly baseUrl: string;
  /** Session token; undefined for a visitor, and in browsers, which send the cookie. */
  readonly token?: () => string | undefined;
  readonly fetch?: typeof globalThis.fetch;
  /** Attempts at a call that may be repeated; 5 by default. */
  readonly attemptsMax?: number;
  readonly newKey?: () => string;
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The shop refused, with a code that does not change; the text may. */
export class RowlockProblem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  /** The whole problem, with the details of its code. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    super(typeof problem['title'] === 'string' ? problem['title'] : `HTTP ${status}`);
    this.name = 'RowlockProblem';
    this.code = problem['code'] as ProblemCode;
    this.status = status;
    this.problem = problem;
  }
}

export interface RowlockClient {
  /**
   * Calls an operation once, whatever the network does: a 503, a 429 and a lost answer are repeated with the
   * same key, after the time that Retry-After names, up to 30 s. An operation without a key is repeated only
   * if it reads or was not carried out (429).
   * Throws RowlockProblem for a refusal, and what `fetch` throws if no answer arrives.
   */
  call<Id extends OperationId>(id: Id, options?: CallOptions<Id>): Promise<Answer<Id>>;
  /** Every item of a list, page by page. */
  pages<Id extends OperationId>(
    id: Id,
    options?: CallOptions<Id>,
  ): AsyncGenerator<Answer<Id> extends { readonly data: readonly (infer Item)[] } ? Item : never>;
}

const ATTEMPTS_MAX = 5;
/** Doubles with each attempt, where the answer names no time. */
const FIRST_PAUSE_MS = 200;
const PAUSE_MAX_MS = 30_000;

/** A typed client of the shop's API, for browsers and Node: `fetch` and nothing else. */
export function createRowlockClient(options: ClientOptions): RowlockClient {
  const {
    attemptsMax = ATTEMPTS_MAX,
    newKey = () => crypto.randomUUID(),
    pause = pauseFor,
    fetch: send = globalThis.fetch,
  } = options;

  const call = async <Id extends OperationId>(id: Id, given: CallOptions<Id> = {}): Promise<Answer<Id>> => {
    const operation: OperationCall = operations[id];
    const url = addressOf(options.baseUrl, operation.path, given);
    const key = operation.hasKey ? (given.key ?? newKey()) : undefined;
    const token = options.token?.();
    const request: RequestInit = {
      method: operation.method,
      credentials: 'include',
      headers: {
        accept: 'application/json',
        ...(given.body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(given.ifMatch !== undefined && { 'if-match': given.ifMatch }),
      },
      ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
      ...(given.signal !== undefined && { signal: given.signal }),
    };
    const isRepeatable = operation.method === 'GET' || key !== undefined;
    for (let attempt = 1; ; attempt += 1) {
      const mayRepeat = attempt < attemptsMax && given.signal?.aborted !== true;
      let waitMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), PAUSE_MAX_MS);
      try {
        const reply = await send(url, request);
        // Neither status says that the deed was done: 429 and a shed request were not, and with a key the
        // others are safe.
        const isBusy = reply.status === 429 || (reply.status === 503 && isRepeatable);
        const namedMs = Number(reply.headers.get('retry-after')) * 1000;
        // An earlier attempt would be in vain, and a longer wait is for the caller to decide.
        if (!isBusy || !mayRepeat || namedMs > PAUSE_MAX_MS) return await answerOf<Id>(reply);
        if (namedMs > 0) waitMs = namedMs;
        await reply.body?.cancel();
      } catch (error) {
        if (error instanceof RowlockProblem || !isRepeatable || !mayRepeat) throw error;
      }
      await pause(waitMs, given.signal);
    }
  };

  return {
    call,
    async *pages(id, given = {}) {
      let cursor: string | null = null;
      do {
        const query = { ...given.query, ...(cursor !== null && { cursor }) } as typeof given.query;
        const page = (await call(id, { ...given, ...(query && { query }) })) as {
          readonly data: readonly never[];
          readonly nextCursor: string | null;
        };
        yield* page.data;
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
  };
}

function addressOf(
  baseUrl: string,
  path: string,
  { path: values = {}, query = {} }: { readonly path?: object; readonly query?: object },
): string {
  const filled = Object.entries(values).reduce(
    (made, [name, value]) => made.replace(`{${name}}`, encodeURIComponent(String(value))),
    path,
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.append(name, String(value));
  }
  const question = search.size === 0 ? '' : `?${search.toString()}`;
  return `${baseUrl.replace(/\/$/, '')}${filled}${question}`;
}

async function answerOf<Id extends OperationId>(reply: Response): Promise<Answer<Id>> {
  const text = await reply.text();
  const isJson = /[/+]json\b/.test(reply.headers.get('content-type') ?? '');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
  if (!reply.ok) throw new RowlockProblem(reply.status, (body ?? {}) as Readonly<Record<string, unknown>>);
  return body as Answer<Id>;
}

function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
