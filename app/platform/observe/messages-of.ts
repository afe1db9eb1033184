/**
 * Messages of an error and its causes. An adapter's error names the dependency that failed; its cause says
 * how.
 */
export function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.message === '' ? [error.name] : [error.message];
  return error.cause === undefined ? own : [...own, ...messagesOf(error.cause)];
}
