import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

export interface GatewayProblem {
  readonly responseType: string;
  readonly status: number;
  /** One of the app's problem codes; a test compares them. */
  readonly code: string;
  readonly title: string;
  readonly retryAfterS?: number;
}

/**
 * Replies of the gateway itself, in the app's format. If the gateway gives up on an order, the app may still
 * have placed it, so the reply asks the client to retry with the same key and never says that the order
 * failed.
 */
export const gatewayProblems: readonly GatewayProblem[] = [
  problem('ACCESS_DENIED', 403, 'forbidden', 'The caller may not do this.'),
  problem('INVALID_API_KEY', 403, 'forbidden', 'The caller may not do this.'),
  problem('MISSING_AUTHENTICATION_TOKEN', 403, 'forbidden', 'The caller may not do this.'),
  problem('WAF_FILTERED', 403, 'forbidden', 'The caller may not do this.'),
  problem('REQUEST_TOO_LARGE', 413, 'payload_too_large', 'The request body is too large.'),
  problem('THROTTLED', 429, 'rate_limited', 'Too many requests.', 1),
  problem('QUOTA_EXCEEDED', 429, 'rate_limited', 'The quota of the key is used up.', 3600),
  problem(
    'INTEGRATION_TIMEOUT',
    503,
    'dependency_unavailable',
    'A service behind this one does not answer.',
    2,
  ),
  problem(
    'INTEGRATION_FAILURE',
    503,
    'dependency_unavailable',
    'A service behind this one does not answer.',
    2,
  ),
  problem('DEFAULT_5XX', 500, 'internal_error', 'Something went wrong on our side.'),
  // Malformed requests, and everything else that the gateway rejects.
  problem('DEFAULT_4XX', 400, 'validation_failed', 'The request is not valid.'),
];

export function addGatewayProblems(api: RestApi): void {
  for (const { responseType, status, code, title, retryAfterS } of gatewayProblems) {
    const body = problemTemplate({ status, code, title });
    api.addGatewayResponse(`Problem-${responseType}`, {
      type: ResponseType.of(responseType),
      statusCode: `${status}`,
      responseHeaders: {
        'Cache-Control': "'no-store'",
        'X-Request-Id': 'context.requestId',
        ...(retryAfterS === undefined ? {} : { 'Retry-After': `'${retryAfterS}'` }),
      },
      // The gateway uses the first one for a client that accepts neither.
      templates: { 'application/problem+json': body, 'application/json': body },
    });
  }
}

/**
 * The gateway only fills in variables. The result is valid JSON, as a path cannot contain a quotation mark.
 */
function problemTemplate({ status, code, title }: { status: number; code: string; title: string }): string {
  return JSON.stringify({
    type: `urn:rowlock:problem:${code}`,
    title,
    status,
    instance: '$context.path',
    code,
    traceId: '$context.requestId',
  });
}

function problem(
  responseType: string,
  status: number,
  code: string,
  title: string,
  retryAfterS?: number,
): GatewayProblem {
  return { responseType, status, code, title, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
}
