import { type Problem, problem } from './problem.ts';

/** The problem for an error of the body parser or the router, or undefined when it is another error. */
export function bodyErrorProblem(error: unknown): Problem | undefined {
  if (error instanceof URIError)
    return problem('validation_failed', { detail: 'The address is not well-formed.' });
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  switch (type) {
    case 'entity.too.large':
      return problem('payload_too_large');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return problem('unsupported_media_type');
    case 'entity.parse.failed':
      return problem('validation_failed', { detail: 'The body is not JSON.' });
    case 'body.not.utf8':
      return problem('validation_failed', { detail: 'The body is not well-formed UTF-8.' });
    case 'request.aborted':
    case 'request.size.invalid':
    case 'stream.encoding.set':
      return problem('validation_failed', { detail: 'The body does not have the announced length.' });
    default:
      // Router errors, such as a path parameter that does not decode, come as 4xx without a type.
      return typeof status === 'number' && status >= 400 && status < 500
        ? problem('validation_failed')
        : undefined;
  }
}
