/** `redrive`: sends the dead letters of Kafka back into the topic of order events. */
import { parseRedriveConfig } from '../config/read-config.ts';
import { redriveDeadLetters } from '../platform/kafka/redrive-dead-letters.ts';
import { createLog } from '../platform/observe/log.ts';
import { messagesOf } from '../platform/observe/messages-of.ts';
import { kafkaOptions } from './events.ts';

const usage = `usage: redrive

Sends every dead letter of KAFKA_DEAD_LETTER_TOPIC that was not sent back before into KAFKA_TOPIC. Run it once
the reason for the refusal is repaired. On SQS, use the redrive of the queue instead.

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
    if (events.EVENTS !== 'kafka') throw new Error('EVENTS is not kafka');
    const log = createLog({ level: 'error', role: 'redrive', stage: shared.STAGE });
    const sent = await redriveDeadLetters(kafkaOptions(events, shared, log), log);
    stdout.write(`${sent} events sent back\n`);
    return 0;
  } catch (error) {
    stderr.write(`redrive: not carried out: ${messagesOf(error)[0]}\n`);
    return 2;
  }
}
