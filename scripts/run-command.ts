const FAILED = 1;
const USAGE_ERROR = 2;

/** The arguments of a command are wrong; nothing was done. */
export class UsageError extends Error {}

/**
 * Runs a command, sets the exit code, and prints an error as one line that begins with the command's name.
 * With a usage, `--help` prints that instead.
 */
export async function runCommand(name: string, main: () => Promise<number>, usage?: string): Promise<void> {
  if (usage !== undefined && process.argv.slice(2).some((argument) => /^(--help|-h)$/.test(argument))) {
    process.stdout.write(usage);
    return;
  }
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${name}: ${reasonOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** 2 for arguments that parseArgs or the command rejects, 1 for any other error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError || isRejectedArgument(error) ? USAGE_ERROR : FAILED;
}

function isRejectedArgument(error: unknown): boolean {
  return String((error as { code?: unknown } | undefined)?.code).startsWith('ERR_PARSE_ARGS_');
}

/** The error's message, with what libraries leave out of theirs. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause } = error;
  if (name === 'CredentialsProviderError') {
    return `${message}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  // parseArgs explains at length how such an argument could be passed after all.
  if (isRejectedArgument(error)) return message.split('. To specify', 1)[0] ?? message;
  if (message !== 'fetch failed' || !(cause instanceof Error)) return message;
  // A name with several addresses has an error for each, and the message of their sum is empty.
  const [first = cause] = cause instanceof AggregateError ? (cause.errors as Error[]) : [];
  return `${message}: ${first.message}`;
}
