import { parse as parseQuery } from 'node:querystring';
import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { type FieldError, type Problem, problem } from './problem.ts';
import type { Route, RouteRequest } from './route.ts';
import { idempotencyKeySchema } from './schemas.ts';

const ERRORS_SHOWN_MAX = 20;

/** For routes that take no query or no body: nothing, or nothing in it. */
const noFields = z.strictObject({});
const noBody = noFields.optional();

type Validated = Omit<RouteRequest<unknown, unknown, unknown>, 'caller' | 'visitor'>;

/**
 * Path, query, header and body of a request, each through its schema; unknown fields are refused. The answer
 * is what the handler gets, or a problem that names every field at fault (the first twenty).
 */
export function validateRequest(
  route: Route,
  { request, query }: Exchange,
  { path, body }: { readonly path: unknown; readonly body: unknown },
): Validated | Problem {
  if (!isWellFormedTarget(request.url ?? '')) {
    return problem('validation_failed', { detail: 'The address is not well-formed UTF-8.' });
  }
  const given = request.headers['idempotency-key'];
  const key = typeof given === 'string' ? given : undefined;
  if (route.idempotencyKey === 'required' && key === undefined) return problem('idempotency_key_missing');
  // A promise that this route does not keep. GET changes nothing, so a key on it promises nothing.
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
    body: check(schema.body ?? noBody, body, 'body'),
  };
  if (errors.length === 0) return validated;
  return problem('validation_failed', { errors: errors.slice(0, ERRORS_SHOWN_MAX) });
}

/** All of them: Node's parser would stop after a thousand pairs, and nobody would look at what stands behind them. */
function fieldsOf(query: string): Record<string, unknown> {
  return { ...parseQuery(query, '&', '=', { maxKeys: 0 }) };
}

/** Percent-encoding that decodes to UTF-8; Node's query parser would quietly put U+FFFD for anything else. */
function isWellFormedTarget(target: string): boolean {
  if (!target.includes('%')) return true;
  try {
    decodeURIComponent(target);
    return true;
  } catch {
    return false;
  }
}
