import * as fc from 'fast-check';
import type { ApiOperation } from '../support/http/api-document.ts';
import type { RequestSchema } from '../support/http/request-schema.ts';
import {
  extraHeader,
  extraMember,
  hostileCredentials,
  hostileJson,
  hostileQuery,
  hostileQueryValue,
  hostileSegment,
  hostileValue,
} from './hostile-text.ts';
import { schemaArbitrary } from './schema-arbitrary.ts';

/** One operation of the OpenAPI document. */
export interface FuzzedOperation {
  /** Method and path, such as `POST /orders/{orderId}/cancel`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

/** Change to a body. Numbers select a position, modulo the number of positions. */
export type BodyChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly place: number; readonly json: string }
  | { readonly kind: 'missing'; readonly place: number }
  | { readonly kind: 'extra'; readonly place: number; readonly member: string }
  | { readonly kind: 'whole'; readonly json: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'encoded'; readonly how: (typeof encodings)[number] }
  | { readonly kind: 'large'; readonly bytes: number; readonly filler: string };

/** Plan of one request. Contains only primitive values, so that a seed gives the same plan in every run. */
export interface MessagePlan {
  readonly operation: FuzzedOperation;
  /** A valid body, if the operation has one. */
  readonly body: unknown;
  readonly change: BodyChange;
  readonly method: string | undefined;
  readonly session: 'admin' | 'customer' | 'nobody' | readonly [name: string, value: string];
  readonly segment: string | undefined;
  readonly form: (typeof targetForms)[number];
  readonly query: readonly (readonly [name: number, value: string])[] | string | undefined;
  readonly key: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly host: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Sizes of the chunks in which the body is sent; undefined sends it with a Content-Length. */
  readonly chunks: readonly number[] | undefined;
}

export const encodings = [
  'utf16le',
  'byte order mark',
  'bytes that are no UTF-8',
  'gzip',
  'twice',
  'single quotes',
  'zeros',
  'form',
] as const;
export const targetForms = [
  'usual',
  'absolute',
  'other authority',
  'capitals',
  'slash at the end',
  'two slashes',
  'dots',
  'fragment',
  'backslash',
  'encoded',
] as const;

const methods = [
  'HEAD',
  'OPTIONS',
  'PATCH',
  'PUT',
  'DELETE',
  'POST',
  'GET',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'QUERY',
  'SEARCH',
  'get',
  'FOO',
  'PRI',
  'G\xcbT',
  'M-SEARCH',
  'UNLOCK',
];
const contentTypes = [
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json; charset="utf-8"',
  'APPLICATION/JSON',
  'application/json;',
  'application/json; charset=utf-8; charset=utf-7',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json, text/plain',
  'application/merge-patch+json',
  '*/*',
  'application/json\t',
  ' ',
];
const keys = [
  '',
  ' ',
  'two words',
  'a'.repeat(256),
  'a'.repeat(255),
  'k\xe4se',
  'a, b',
  '\x7f',
  "' OR ''='",
  '__proto__',
  '"',
  '\\',
];
const hosts = [
  'shop',
  '',
  'shop:99999999',
  'evil.example',
  'a, b',
  '[::1]',
  '@',
  '\xff\xfe',
  'shop/../x',
  'x'.repeat(3000),
];
const BODY_MAX_BYTES = 300_000;

const rarely = <T>(arbitrary: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const wholeChange = fc.oneof(
  { weight: 3, arbitrary: hostileJson.map((json): BodyChange => ({ kind: 'whole', json })) },
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes): BodyChange => ({ kind: 'bytes', bytes })),
  },
);
const partChange = fc.oneof(
  { weight: 8, arbitrary: fc.constant<BodyChange>({ kind: 'none' }) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(50), hostileJson)
      .map(([place, json]): BodyChange => ({ kind: 'value', place, json })),
  },
  { weight: 2, arbitrary: fc.nat(50).map((place): BodyChange => ({ kind: 'missing', place })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(50), extraMember)
      .map(([place, member]): BodyChange => ({ kind: 'extra', place, member })),
  },
  { weight: 3, arbitrary: wholeChange },
  {
    weight: 1,
    arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map((at): BodyChange => ({ kind: 'cut', at })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...encodings).map((how): BodyChange => ({ kind: 'encoded', how })),
  },
);
const largeChange = fc
  .tuple(
    fc.integer({ min: 60_000, max: BODY_MAX_BYTES }),
    fc.constantFrom(' ', '[', '9', 'x', '\u0000', '{"a":'),
  )
  .map(([bytes, filler]): BodyChange => ({ kind: 'large', bytes, filler }));

/** Requests of an operation with some faults, mostly one or two. `ids` are those of existing objects. */
export function messagePlan(operation: FuzzedOperation, ids: readonly string[]): fc.Arbitrary<MessagePlan> {
  const { requestBody, parameters = [] } = operation.operation;
  const schema: RequestSchema | undefined = requestBody?.content['application/json'].schema;
  const isRead = operation.method === 'GET';
  const bodyChange =
    schema === undefined
      ? fc.oneof(
          { weight: isRead ? 9 : 2, arbitrary: fc.constant<BodyChange>({ kind: 'none' }) },
          { weight: 1, arbitrary: wholeChange },
        )
      : partChange;
  const names = parameters.filter((parameter) => parameter.in === 'query').length;
  const queryFields = fc.array(fc.tuple(fc.nat(Math.max(0, names - 1)), hostileQueryValue), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.record({
    operation: fc.constant(operation),
    body: schema === undefined ? fc.constant(undefined) : schemaArbitrary(schema, ids),
    change: fc.oneof({ weight: 150, arbitrary: bodyChange }, { weight: 1, arbitrary: largeChange }),
    method: rarely(fc.constantFrom(...methods), 15),
    session: fc.oneof(
      { weight: 6, arbitrary: fc.constant('admin' as const) },
      { weight: 3, arbitrary: fc.constant('customer' as const) },
      { weight: 2, arbitrary: fc.constant('nobody' as const) },
      { weight: 2, arbitrary: hostileCredentials },
    ),
    segment: rarely(hostileSegment, 6),
    form: fc.oneof(
      { weight: 12, arbitrary: fc.constant('usual' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...targetForms) },
    ),
    query: fc.oneof(
      { weight: names === 0 ? 12 : 4, arbitrary: fc.constant(undefined) },
      ...(names === 0 ? [] : [{ weight: 5, arbitrary: queryFields }]),
      { weight: 1, arbitrary: hostileQuery },
    ),
    key: rarely(fc.oneof(fc.constantFrom(...keys), hostileValue), 5),
    contentType: rarely(fc.oneof(fc.constantFrom(...contentTypes), hostileValue), 10),
    contentEncoding: rarely(fc.constantFrom('gzip', 'br', 'identity', 'deflate, gzip', 'IDENTITY', ''), 20),
    host: fc.oneof(
      { weight: 20, arbitrary: fc.constant('shop') },
      { weight: 1, arbitrary: fc.constantFrom(...hosts) },
    ),
    headers: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(extraHeader, { minLength: 1, maxLength: 4 }) },
    ),
    chunks: rarely(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }), 8),
  });
}
