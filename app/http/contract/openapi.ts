import { z } from 'zod';
import { adminRoleOf } from './admin-role.ts';
import { CART_TOKEN_HEADER, cartCookieName, sessionCookieName } from './cookie-names.ts';
import { documentHeaders, headerComponents } from './document-headers.ts';
import { describeOperation } from './describe-operation.ts';
import { exampleOf } from './examples.ts';
import { bodyName } from './name-schemas.ts';
import { problemSchema } from './problem-schema.ts';
import { type ProblemCode, problemTable } from './problem-table.ts';
import type { Route } from './route.ts';
import { tags } from './tags.ts';

type Json = Record<string, unknown>;

/**
 * Problems of every route. Oversized or late heads are answered before a route is known, so every route lists
 * them.
 */
const EVERY_ROUTE: readonly ProblemCode[] = [
  'validation_failed',
  'request_timeout',
  'request_header_fields_too_large',
  'internal_error',
  'busy_retry',
  'dependency_unavailable',
];
const WITH_BODY: readonly ProblemCode[] = ['payload_too_large', 'unsupported_media_type'];
const WITH_SESSION: readonly ProblemCode[] = ['unauthenticated'];

/** The problems that a route documents: its own and those of its kind of route. */
export function problemsOf(route: Route): ProblemCode[] {
  const codes = new Set<ProblemCode>(EVERY_ROUTE);
  if (route.method !== 'get') for (const code of WITH_BODY) codes.add(code);
  if (route.access !== 'anyone') {
    for (const code of WITH_SESSION) codes.add(code);
    if (route.method !== 'get') codes.add('origin_not_allowed');
  }
  if (route.rateLimit !== 'none') codes.add('rate_limited');
  if (route.readsVisitor === true) codes.add('origin_not_allowed');
  if (adminRoleOf(route.access) !== undefined) codes.add('forbidden');
  if (route.idempotencyKey === 'required') codes.add('idempotency_key_missing');
  if (route.idempotencyKey !== undefined) codes.add('idempotency_key_reused');
  else if (route.method !== 'get') codes.add('idempotency_key_not_supported');
  if (route.ifMatch === 'required') {
    codes.add('precondition_required');
    codes.add('precondition_failed');
  }
  for (const code of route.problems ?? []) codes.add(code);
  return [...codes];
}

/** OpenAPI 3.1 from the routes and the zod schemas that validate their requests. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rowlock',
      version: '1',
      description:
        'Orders that sell each unit exactly once. Amounts are whole KRW, times are UTC. ' +
        'Errors are RFC 9457 problems with a stable `code`.',
      contact: { name: 'The operator of this shop' },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // The address that serves the document.
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Problem: problemSchema() },
      headers: headerComponents,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Token from POST /auth/login.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookieName(true),
          description:
            `\`${sessionCookieName(true)}\` over HTTPS; ` +
            `\`${sessionCookieName(false)}\` if COOKIE_SECURE is false.`,
        },
        cartToken: {
          type: 'apiKey',
          in: 'header',
          name: CART_TOKEN_HEADER,
          description: "A guest's cart token, as received in the response header of the same name.",
        },
        cartCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: cartCookieName(true),
          description: `The guest cart token as a cookie; \`${cartCookieName(false)}\` without HTTPS.`,
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const role = adminRoleOf(route.access);
  const parameters = [
    ...parametersOf(route.schema.path, 'path'),
    ...parametersOf(route.schema.query, 'query'),
    ...(route.idempotencyKey === undefined
      ? []
      : [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: route.idempotencyKey === 'required',
            description:
              'The operation happens once per key. The same request with the same key gets the same ' +
              'response.',
            example: exampleOf({}, 'Idempotency-Key'),
            schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
          },
        ]),
    ...(route.ifMatch === undefined
      ? []
      : [
          {
            name: 'If-Match',
            in: 'header',
            required: true,
            description: 'ETag of the version to change.',
            example: exampleOf({}, 'If-Match'),
            schema: { type: 'string' },
          },
        ]),
  ];
  return {
    tags: [route.tag],
    summary: route.summary,
    description: describeOperation(route),
    operationId: route.id,
    ...securityOf(route),
    ...(role === undefined ? {} : { 'x-role': role }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.schema.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': withExample(
                jsonSchema(route.schema.body, 'input'),
                bodyName(route.id, 'Request'),
              ),
            },
          },
        }),
    responses: responsesOf(route),
  };
}

const successes: Readonly<Record<string, string>> = {
  201: 'Created.',
  304: 'Not modified: the ETag matches `If-None-Match`.',
};

function securityOf({ access }: Route): Json {
  // Said, because a document without it leaves open whether it was forgotten.
  if (access === 'anyone') return { security: [] };
  const session = [{ bearer: [] }, { cookie: [] }];
  // The empty requirement: a guest without a cart.
  const guest = [{ cartToken: [] }, { cartCookie: [] }, {}];
  return { security: access === 'shopper' ? [...session, ...guest] : session };
}

function responsesOf(route: Route): Json {
  const responses: Json = {};
  for (const [status, schema] of Object.entries(route.replies)) {
    responses[status] = {
      description: successes[status] ?? 'Success.',
      headers: documentHeaders(route, Number(status)),
      ...(schema === null ? {} : { content: contentOf(route, jsonSchema(schema, 'output')) }),
    };
  }
  const codesByStatus = Map.groupBy(problemsOf(route), (code) => problemTable[code].status);
  for (const [status, codes] of [...codesByStatus].toSorted(([a], [b]) => a - b)) {
    responses[String(status)] = {
      description: codes.map((code) => `\`${code}\`: ${problemTable[code].title}`).join('\n'),
      'x-problem-codes': codes,
      headers: documentHeaders(route, status),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return responses;
}

function contentOf(route: Route, schema: Json): Json {
  if (route.path === '/docs') return { 'text/html': { schema } };
  return { 'application/json': withExample(schema, bodyName(route.id, 'Response')) };
}

function withExample(schema: Json, name: string): Json {
  return { schema, example: exampleOf(schema, name) };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    example: exampleOf(property, name),
    schema: property,
  }));
}

/** zod's JSON Schema. A schema that zod cannot express brings its own in `meta.override`. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const document = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      const meta = z.globalRegistry.get(zodSchema as unknown as z.ZodType) as { override?: Json } | undefined;
      if (meta?.override === undefined) return;
      for (const key of Object.keys(made)) delete (made as Json)[key];
      Object.assign(made, meta.override);
    },
  }) as Json;
  const { $schema: _, ...rest } = document;
  return rest;
}
