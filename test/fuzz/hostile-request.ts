import * as fc from 'fast-check';
import { framingTricks } from './framing-tricks.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import { type FuzzedOperation, type MessagePlan, messagePlan } from './message-plan.ts';
import { type Message, renderMessage } from './render-message.ts';

/** How the bytes of a plan are built and sent. */
export type RequestPlan =
  | { readonly kind: 'message'; readonly messages: readonly MessagePlan[] }
  | { readonly kind: 'pipeline'; readonly messages: readonly MessagePlan[] }
  | { readonly kind: 'framing'; readonly trick: number; readonly outer: number }
  | { readonly kind: 'bytes'; readonly messages: readonly MessagePlan[]; readonly edits: readonly Edit[] }
  | {
      readonly kind: 'cut';
      readonly messages: readonly MessagePlan[];
      readonly at: number;
      readonly reset: boolean;
    }
  | {
      readonly kind: 'slow';
      readonly messages: readonly MessagePlan[];
      readonly at: number;
      readonly isFinished: boolean;
    };

interface Edit {
  readonly at: number;
  readonly how: 'replace' | 'insert' | 'remove';
  readonly byte: number;
}

export interface HostileRequest {
  readonly kind: RequestPlan['kind'];
  readonly what: string;
  /** Bytes to send, with a pause between the pieces. */
  readonly pieces: readonly Buffer[];
  /** Requests in `pieces`, in order, if known: replies must come in the same order. */
  readonly messages: readonly Pick<Message, 'method' | 'target' | 'requestId'>[];
  /**
   * `replies`: one per message. `probe`: at least one, and all others must be rejections. `any`: at most one.
   */
  readonly expects: 'replies' | 'probe' | 'any';
  /** True if no part of it may be served. */
  readonly isRefused?: true;
}

export function requestPlan(
  operations: readonly FuzzedOperation[],
  ids: readonly string[],
): fc.Arbitrary<RequestPlan> {
  const anyOf = (some: readonly FuzzedOperation[]) =>
    fc.oneof(
      ...some.map((operation) => ({ weight: weightOf(operation), arbitrary: messagePlan(operation, ids) })),
    );
  const message = anyOf(operations);
  // Mutated bytes may form any request, so they carry no session and cannot write.
  const harmless = anyOf(operations.filter(({ name }) => name !== 'POST /auth/signup')).map(
    (plan): MessagePlan => ({
      ...plan,
      session: 'nobody',
      form: 'usual',
    }),
  );
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const edit = fc.record<Edit>({
    at,
    how: fc.constantFrom('replace', 'insert', 'remove'),
    byte: fc.nat(255),
  });
  const one = (arbitrary: fc.Arbitrary<MessagePlan>) => fc.tuple(arbitrary);
  return fc.oneof(
    { weight: 2000, arbitrary: fc.record({ kind: fc.constant('message' as const), messages: one(message) }) },
    {
      weight: 100,
      arbitrary: fc.record({
        kind: fc.constant('pipeline' as const),
        messages: fc.array(message, { minLength: 2, maxLength: 4 }),
      }),
    },
    {
      weight: 200,
      arbitrary: fc.record({
        kind: fc.constant('framing' as const),
        trick: fc.nat(framingTricks.length - 1),
        outer: fc.nat(OUTERS.length - 1),
      }),
    },
    {
      weight: 150,
      arbitrary: fc.record({
        kind: fc.constant('bytes' as const),
        messages: one(harmless),
        edits: fc.array(edit, { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 50,
      arbitrary: fc.record({
        kind: fc.constant('cut' as const),
        messages: one(harmless),
        at,
        reset: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('slow' as const),
        messages: one(harmless),
        at,
        isFinished: fc.boolean(),
      }),
    },
  );
}

/** Lowers the weight of the long API descriptions and of operations that query other servers. */
function weightOf({ name }: FuzzedOperation): number {
  return ['GET /openapi.json', 'GET /docs', 'GET /status', 'GET /admin/audit'].includes(name) ? 1 : 12;
}

/** Renders the bytes of a plan. `number` makes request ids unique. */
export function hostileRequest(plan: RequestPlan, world: FuzzWorld, number: number): HostileRequest {
  if (plan.kind === 'framing') return framingRequest(plan, world, number);
  const messages = plan.messages.map((message, index) =>
    renderMessage(message, world, `fuzz-${number}-${index}`),
  );
  const wire = Buffer.concat(messages.map(wireOf));
  const what = plan.messages.map(({ operation }) => operation.name).join(', ');
  switch (plan.kind) {
    case 'message':
    case 'pipeline':
      return { kind: plan.kind, what, pieces: [wire], messages, expects: 'replies' };
    case 'bytes':
      return { kind: plan.kind, what, pieces: [edited(wire, plan.edits)], messages: [], expects: 'probe' };
    case 'cut': {
      const end = Math.floor(wire.length * plan.at);
      return {
        kind: plan.kind,
        what: `${what}${plan.reset ? ', reset' : ''}`,
        pieces: [wire.subarray(0, end)],
        messages: [],
        expects: 'any',
      };
    }
    case 'slow': {
      const end = Math.floor(wire.length * plan.at);
      const pieces = [wire.subarray(0, end), ...(plan.isFinished ? [wire.subarray(end)] : [])];
      return { kind: plan.kind, what, pieces, messages: [], expects: 'any' };
    }
  }
}

function wireOf({ method, target, headers, body, chunks }: Message): Buffer {
  const framing =
    chunks !== undefined
      ? ['Transfer-Encoding: chunked']
      : body.length === 0
        ? []
        : [`Content-Length: ${body.length}`];
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framing,
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, chunks === undefined ? body : inChunks(body, chunks)]);
}

function inChunks(body: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, index = 0; at < body.length; index += 1) {
    // Limits the number of chunks: a large body in one-byte chunks would be mostly framing.
    const size = Math.max(sizes[index % sizes.length] ?? 1, Math.ceil(body.length / 50));
    const piece = body.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function edited(wire: Buffer, edits: readonly Edit[]): Buffer {
  return edits.reduce((bytes, { at, how, byte }) => {
    const place = Math.floor(bytes.length * at);
    const after = how === 'insert' ? place : place + 1;
    return Buffer.concat([
      bytes.subarray(0, place),
      how === 'remove' ? Buffer.alloc(0) : Buffer.from([byte]),
      bytes.subarray(after),
    ]);
  }, wire);
}

/** Outer requests for smuggling attempts, which are rejected or change nothing. */
const OUTERS: readonly ((tokens: FuzzWorld['tokens']) => string)[] = [
  ({ customer }) =>
    `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer}\r\n` +
    'Content-Type: application/json',
  ({ admin }) => `GET /me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${admin}`,
  () => 'POST /auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json',
  () => 'GET /products HTTP/1.1\r\nHost: shop',
];

function framingRequest(
  { trick, outer }: Extract<RequestPlan, { kind: 'framing' }>,
  { tokens }: FuzzWorld,
  number: number,
): HostileRequest {
  const body = '{"amount":1}';
  const inner =
    `POST /me/balance/charges HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${tokens.admin}\r\n` +
    `Idempotency-Key: smuggled-${number}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const head = (OUTERS[outer] as (typeof OUTERS)[number])(tokens);
  const { what, isRefused, wire } = framingTricks[trick] as (typeof framingTricks)[number];
  return {
    kind: 'framing',
    what: `${head.split(' HTTP')[0]}: ${what}`,
    pieces: [Buffer.from(wire(head, inner), 'latin1')],
    messages: [],
    expects: 'probe',
    ...(isRefused === undefined ? {} : { isRefused }),
  };
}
