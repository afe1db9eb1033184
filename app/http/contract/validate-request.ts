import { parse as parseQuery } from 'node:querystring';
import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { type FieldError, type Problem, problem } from './problem.ts';
import type { Route, RouteRequest } from './route.ts';
import { idempotencyKeySchema } from './schemas.ts';

const ERRORS_SHOWN_MAX = 20;

/** Routes without a query or a body accept none, or an empty one. */
const noFields = z.strictObject({});
const emptyBody = noFields.optional();

type Validated = Omit<RouteRequest<unknown, unknown, unknown>, 'caller' | 'visitor' | 'requestId'>;

/**
 * Validates path, query, headers and body against their schemas; unknown fields are rejected. Returns the
 * handler's input, or a problem that names every invalid field, at most twenty.
 */
export function validateRequest(
  route: Route,
  { request, query }: Exchange,
  { path, body }: { readonly path: unknown; readonly body: unknown },
): Validated | Problem {
  if (!isWellFormedTarget(request.url ?? '')) {
    return problem('validation_failed', { detail: 'The request target is not well-formed UTF-8.' });
  }
  const given = request.headers['idempotency-key'];
  const key = typeof given === 'string' ? given : undefined;
  if (route.idempotencyKey === 'required' && key === undefined) return problem('idempotency_key_missing');
  // Accepting the key would promise what this route does not keep. GET changes nothing, so a key does no harm
  // there.
  if (route.idempotencyKey === undefined && given !== undefined && route.method !== 'get') {
    return problem('idempotency_key_not_supported');
  }
  const ifMatch = route.ifMatch === undefined ? undefined : request.headers['if-match'];
  if (route.ifMatch !== undefined && ifMatch === undefined) return problem('precondition_required');

  const errors: FieldError[] = [];
  const check = (schema: z.ZodType | undefined, value: unknown, prefix: string): unknown => {
    if (schema === undefined) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      errors.push({ pointer: [prefix, ...issue.path.map(String)].join('/'), detail: issue.message });
    }
    return undefined;
  };

  const { schema } = route;
  const validated = {
    path: check(schema.path, path, 'path'),
    query:
      query === '' && schema.query === undefined
        ? undefined
        : check(schema.query ?? noFields, fieldsOf(query), 'query'),
    idempotencyKey:
      route.idempotencyKey === undefined || key === undefined
        ? undefined
        : (check(idempotencyKeySchema, key, 'header/idempotency-key') as string),
    ifMatch,
    body: check(schema.body ?? emptyBody, body, 'body'),
  };
  if (errors.length === 0) return validated;
  return problem('validation_failed', { errors: errors.slice(0, ERRORS_SHOWN_MAX) });
}

/** Parses all pairs: Node's parser stops after a thousand by default, and the rest would go unvalidated. */
function fieldsOf(query: string): Record<string, unknown> {
  return { ...parseQuery(query, '&', '=', { maxKeys: 0 }) };
}

/**
 * Whether percent-encoding decodes to UTF-8. Node's query parser silently substitutes U+FFFD for invalid
 * bytes.
 */
function isWellFormedTarget(target: string): boolean {
  if (!target.includes('%')) return true;
  try {
    decodeURIComponent(target);
    return true;
  } catch {
    return false;
  }
}
