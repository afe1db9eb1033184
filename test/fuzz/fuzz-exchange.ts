import type { FuzzConnection } from './fuzz-connection.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import type { HostileRequest } from './hostile-request.ts';
import { judgeReply, type JudgedReply } from './judge-reply.ts';

export interface ExchangeResult {
  /** Verdicts on all replies, in order. */
  readonly replies: readonly JudgedReply[];
  /** Violations, one line each; empty if there are none. */
  readonly faults: readonly string[];
}

/**
 * Exceeds the server's limits: 8 s for a response and 15 s for a request, which it checks once per second.
 */
const REPLY_TIMEOUT_MS = 12_000;
const SLOW_TIMEOUT_MS = 25_000;
const PIECE_PAUSE_MS = 1500;
/** Wait for the probe's reply, which never comes if an incomplete body has swallowed the probe. */
const PROBE_TIMEOUT_MS = 150;
const TEXT_SHOWN = 300;
/** First byte of a JSON body; a status line never starts with it. */
const BRACE = 0x7b;
/** Wait for requests that may get no reply, as most of them do not. */
const PERHAPS_TIMEOUT_MS = 20;

/**
 * Sends one hostile request and checks everything that comes back. Closes the connection unless it is in a
 * clean state.
 */
export async function fuzzExchange(
  connection: FuzzConnection,
  request: HostileRequest,
  world: FuzzWorld,
  number: number,
): Promise<ExchangeResult> {
  const [first, ...rest] = request.pieces;
  connection.write(first as Buffer);
  for (const piece of rest) {
    await pause(PIECE_PAUSE_MS);
    connection.write(piece);
  }
  const result =
    request.expects === 'replies'
      ? await expectReplies(connection, request, world)
      : await expectRefusals(connection, request, world, number);
  if (connection.left.length > 0 || result.faults.length > 0) connection.close();
  return result;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function expectReplies(
  connection: FuzzConnection,
  { messages }: HostileRequest,
  world: FuzzWorld,
): Promise<ExchangeResult> {
  const replies: JudgedReply[] = [];
  const faults: string[] = [];
  for (const message of messages) {
    const reply = await nextReply(connection, REPLY_TIMEOUT_MS, message.method === 'HEAD');
    if (typeof reply === 'string') {
      faults.push(`${reply} instead of a reply to ${message.method} ${message.target.slice(0, 100)}`);
      break;
    }
    const judged = judgeReply(reply, message, world.contract);
    replies.push(judged);
    faults.push(...judged.faults);
    // The server answers nothing after an unreadable request or one that asks it to close.
    if (judged.isUnreadable || reply.headers.get('connection') === 'close') {
      connection.close();
      break;
    }
  }
  if (connection.left.length > 0) faults.push(`bytes behind the replies: ${shown(connection)}`);
  return { replies, faults };
}

/** Reads a reply to HEAD without a body, unless the server could not parse the method. */
async function nextReply(
  connection: FuzzConnection,
  timeoutMs: number,
  isHead: boolean,
): ReturnType<FuzzConnection['next']> {
  const reply = await connection.next(timeoutMs, isHead);
  const hasBody = isHead && connection.left[0] === BRACE;
  if (typeof reply === 'string' || !hasBody) return reply;
  return { ...reply, text: connection.readRest().toString('utf8') };
}

/** Checks replies to bytes whose parsing is ambiguous: none of them may report a successful request. */
async function expectRefusals(
  connection: FuzzConnection,
  { kind, what, pieces, expects, isRefused }: HostileRequest,
  world: FuzzWorld,
  number: number,
): Promise<ExchangeResult> {
  const replies: JudgedReply[] = [];
  const faults: string[] = [];
  const message = requestLineOf(Buffer.concat(pieces));
  const isHead = message.method === 'HEAD';
  const timeoutMs =
    kind === 'slow' ? SLOW_TIMEOUT_MS : expects === 'any' ? PERHAPS_TIMEOUT_MS : PROBE_TIMEOUT_MS;
  const first = await nextReply(connection, timeoutMs, isHead);
  if (typeof first === 'object') {
    const judged = judgeReply(first, message, world.contract);
    replies.push(judged);
    faults.push(...judged.faults);
    if (isRefused === true && first.status < 400) faults.push(`${what} was served: ${first.status}`);
    if (kind === 'framing') await probe({ connection, world, number, replies, faults });
  } else if (kind === 'slow' && first === 'silent') faults.push('neither answered nor closed in time');
  connection.close(kind === 'cut' && what.endsWith('reset'));
  return { replies, faults };
}

/** Sends a valid request behind the hostile one: it must get its own reply, none at all, or a rejection. */
async function probe({
  connection,
  world,
  number,
  replies,
  faults,
}: {
  connection: FuzzConnection;
  world: FuzzWorld;
  number: number;
  replies: JudgedReply[];
  faults: string[];
}): Promise<void> {
  const requestId = `probe-${number}`;
  connection.write(Buffer.from(`GET /healthz HTTP/1.1\r\nHost: shop\r\nX-Request-Id: ${requestId}\r\n\r\n`));
  const second = await connection.next(PROBE_TIMEOUT_MS);
  if (typeof second === 'string') return;
  const judged = judgeReply(
    second,
    { method: 'GET', target: '/healthz', requestId: undefined },
    world.contract,
  );
  replies.push(judged);
  const isOwn = second.headers.get('x-request-id') === requestId;
  if (!isOwn && !judged.isUnreadable)
    faults.push(`an answer that nobody asked for: ${second.status} ${second.text.slice(0, TEXT_SHOWN)}`);
  if (connection.left.length > 0) faults.push(`more answers than requests: ${shown(connection)}`);
}

function requestLineOf(bytes: Buffer): { method: string; target: string; requestId: undefined } {
  const [, method = '?', target = '?'] =
    /^[\r\n]*([^\s]+) ([^\s]+) HTTP\/\d\.\d\r\n/.exec(bytes.toString('latin1')) ?? [];
  return { method, target, requestId: undefined };
}

function shown(connection: FuzzConnection): string {
  return JSON.stringify(connection.left.toString('latin1').slice(0, TEXT_SHOWN));
}
