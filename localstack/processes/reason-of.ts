/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a failed command wrote, standard output first; empty when it wrote nothing. */
export function outputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return `${stdout}\n${stderr}`.trim();
}
