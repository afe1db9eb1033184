/**
 * Runs a command, sets the exit code, and prints an error as one line that begins with the command's name.
 */
export async function runCommand(name: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${name}: ${reasonOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** The error's message, with what libraries leave out of theirs. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause } = error;
  if (name === 'CredentialsProviderError') {
    return `${message}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  if (message !== 'fetch failed' || !(cause instanceof Error)) return message;
  // A name with several addresses has an error for each, and the message of their sum is empty.
  const [first = cause] = cause instanceof AggregateError ? (cause.errors as Error[]) : [];
  return `${message}: ${first.message}`;
}
