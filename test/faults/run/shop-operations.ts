import { createHash } from 'node:crypto';
import { UndocumentedReply } from '../../support/http/expect-documented.ts';
import { httpClient, type HttpReply } from '../../support/shop/http-client.ts';
import type { InvokeLine, OperationKind, Requests } from '../history/history-line.ts';
import type { HistoryWriter } from '../history/write-history.ts';
import type { Shopper } from './fault-shop.ts';
import { isKeyed, laterOutcome, type Operation, type Outcome } from './operation.ts';
import { requestOf } from './operation-request.ts';

/** Where an attempt goes, and for whom. */
export interface AttemptAt {
  readonly url: string;
  readonly client: number;
  readonly timeoutMs: number;
}

interface Attempt {
  readonly history: Pick<HistoryWriter, 'write'>;
  readonly nowMs: () => number;
  readonly complain: (what: string) => void;
  /** Number of this attempt among all. */
  readonly op: number;
}

export interface ShopOperations {
  /** Every operation so far, in the order in which they began. */
  readonly all: readonly Operation[];
  begin<Kind extends OperationKind>(
    kind: Kind,
    details: { shopper: Shopper; request: Requests[Kind]; key: string; isKeyless?: boolean },
  ): Operation<Kind>;
  /**
   * One attempt at the API of this address, written to the history. Never throws. A definite outcome is
   * final: of two attempts at once, the first answer decides what the client does next.
   */
  attempt(operation: Operation, at: AttemptAt): Promise<Outcome>;
  /** A request outside the history: carts, pages, pictures. Undefined without an answer. */
  ask(
    shopper: Shopper | undefined,
    at: { url: string; timeoutMs: number },
    request: { method: string; path: string; body?: unknown },
  ): Promise<HttpReply | undefined>;
}

/**
 * Records requests to the shop and their answers. Complains of answers that the shop's own document does not
 * contain.
 */
export function shopOperations(
  history: Pick<HistoryWriter, 'write'>,
  nowMs: () => number,
  complain: (what: string) => void,
): ShopOperations {
  const all: Operation[] = [];
  let op = 0;

  return {
    all,
    begin: (kind, { shopper, request, key, isKeyless = false }) => {
      const operation = {
        kind,
        key,
        shopper,
        request,
        isKeyless,
        attempts: 0,
        outcome: undefined,
        unknownSinceMs: undefined,
      };
      all.push(operation);
      return operation;
    },
    attempt: async (operation, at) => {
      const fromMs = nowMs();
      op += 1;
      operation.attempts += 1;
      const outcome = await send(operation, at, { history, nowMs, complain, op });
      if (outcome.type === 'unknown') operation.unknownSinceMs = nowMs();
      else if (fromMs >= (operation.unknownSinceMs ?? 0) && outcome.type === 'ok')
        operation.unknownSinceMs = undefined;
      operation.outcome = laterOutcome(operation.outcome, outcome);
      return outcome;
    },
    ask: async (shopper, { url, timeoutMs }, { method, path, body }) => {
      try {
        return await httpClient(url, shopper?.token).request(method, path, { body, timeoutMs });
      } catch (error) {
        if (error instanceof UndocumentedReply) complain(error.message);
        return undefined;
      }
    },
  };
}

/** One attempt, which is written to the history before it begins and after it ended. Never throws. */
async function send(operation: Operation, at: AttemptAt, run: Attempt): Promise<Outcome> {
  const { history, nowMs, op } = run;
  const { kind, key, shopper, isKeyless } = operation;
  const { method, path, body, headers } = requestOf(operation);
  history.write(invokeLine(operation, at, run));
  try {
    const options = {
      body,
      timeoutMs: at.timeoutMs,
      ...(headers && { headers }),
      ...(isKeyed(kind) && !isKeyless ? { key } : {}),
    };
    const reply = await httpClient(at.url, shopper.token).request(method, path, options);
    const { status } = reply;
    const code = codeOf(reply);
    if (status >= 200 && status < 300) {
      const replayed = reply.headers.get('idempotent-replayed') === 'true';
      const reported = { response: reply.body, ...versionOf(reply) };
      history.write({ type: 'ok', op, atMs: nowMs(), status, ...reported, replayed });
      return { type: 'ok', ...reported };
    }
    // Of the other answers, only a refusal proves that nothing was done.
    if (status >= 400 && status < 500 && code !== undefined) {
      history.write({ type: 'fail', op, atMs: nowMs(), status, code, response: reply.body });
      return { type: 'fail', code, response: reply.body };
    }
    history.write({ type: 'unknown', op, atMs: nowMs(), why: `${status} ${code ?? ''}`.trim() });
  } catch (error) {
    if (error instanceof UndocumentedReply) run.complain(error.message);
    const why = reasonOf(error);
    if (why === 'ECONNREFUSED') {
      history.write({ type: 'fail', op, atMs: nowMs(), status: 0, code: why });
      return { type: 'fail', code: why, response: undefined };
    }
    history.write({ type: 'unknown', op, atMs: nowMs(), why });
  }
  return { type: 'unknown' };
}

function invokeLine(operation: Operation, at: AttemptAt, { op, nowMs }: Attempt): InvokeLine {
  const { kind, key, shopper, request, isKeyless, attempts } = operation;
  const { path, body } = requestOf(operation);
  return {
    type: 'invoke',
    op,
    client: at.client,
    attempt: attempts,
    atMs: nowMs(),
    kind,
    key,
    bodyHash: createHash('sha256')
      .update(JSON.stringify([path, body]))
      .digest('hex')
      .slice(0, 16),
    user: shopper.userId,
    request,
    ...(isKeyless && { isKeyless }),
  } as InvokeLine;
}

function versionOf({ headers }: HttpReply): { readonly version?: number } {
  const [, digits] = headers.get('etag')?.match(/^"v(\d+)"$/) ?? [];
  return digits === undefined ? {} : { version: Number(digits) };
}

function codeOf({ body }: HttpReply): string | undefined {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (error.name === 'TimeoutError') return 'timeout';
  return cause?.code ?? cause?.message ?? error.message;
}
