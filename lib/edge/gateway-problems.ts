import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

export interface GatewayProblem {
  readonly responseType: string;
  readonly status: number;
  /** A code of the app's table; a test compares them. */
  readonly code: string;
  readonly title: string;
  readonly retryAfterS?: number;
}

/**
 * What the gateway says itself, in the words of the app. An order that the gateway gave up on may have been
 * placed: the client is told to send it again under the same key, never that it failed.
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
  // Malformed before it reached the app, and whatever else the gateway refuses.
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
      // The first is taken where the client names neither.
      templates: { 'application/problem+json': body, 'application/json': body },
    });
  }
}

/** The gateway fills in variables and knows no other logic here; a path cannot hold a quotation mark. */
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
