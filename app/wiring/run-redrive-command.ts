/** `redrive`: sends the dead letters of order events back. */
import { parseRedriveConfig } from '../config/read-config.ts';
import { createLog } from '../platform/observe/log.ts';
import { messagesOf } from '../platform/observe/messages-of.ts';
import { openTransport } from './events.ts';

const usage = `usage: redrive

Sends every dead letter that was not sent back before to the queue (EVENTS=sqs) or topic (EVENTS=kafka) of
order events. Run it once the reason for the refusal is repaired. POST /admin/events/redrive does the same for
up to 1,000 at a time.

Exit status: 0 if all were sent, 2 if not.
`;

export async function runRedriveCommand(
  args: readonly string[],
  { env, stdout, stderr }: Pick<NodeJS.Process, 'env' | 'stdout' | 'stderr'>,
): Promise<number> {
  if (args.length > 0) {
    stdout.write(usage);
    return args.every((arg) => arg === '--help' || arg === '-h') ? 0 : 2;
  }
  try {
    const { shared, events } = parseRedriveConfig(env);
    const log = createLog({ level: 'error', role: 'redrive', stage: shared.STAGE });
    const transport = openTransport({ config: events, shared, consumes: false, log });
    try {
      const sent = await transport.redrive(Number.MAX_SAFE_INTEGER);
      stdout.write(`dead letters sent back: ${sent}\n`);
    } finally {
      await transport.close();
    }
    return 0;
  } catch (error) {
    stderr.write(`redrive: not carried out: ${messagesOf(error)[0]}\n`);
    return 2;
  }
}
