/** Message of any thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Output of a failed command, standard output first; empty if there was none. */
export function outputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return `${stdout}\n${stderr}`.trim();
}
