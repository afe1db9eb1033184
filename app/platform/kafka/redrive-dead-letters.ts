import type { Message } from '@platformatic/kafka';
import type { Log } from '../observe/log.ts';
import { type DeadLetterOptions, withDeadLetters } from './dead-letters-left.ts';
import { kafkaFailure } from './kafka-reason.ts';
import { createKafkaSender, type KafkaSender } from './kafka-sender.ts';

const READ_WAIT_MS = 20_000;

/**
 * Sends up to `max` dead letters back into the topic, each once, and returns how many. Those that were sent
 * back before are left out. It ends at the letters that exist when it begins: an event that is refused again
 * is a new letter. If it is interrupted, some letters may be sent twice, which the inbox recognises.
 */
export async function redriveDeadLetters(
  options: DeadLetterOptions,
  { max, log }: { readonly max: number; readonly log: Log },
): Promise<number> {
  const { settings, topic, deadLetterTopic } = options;
  const where = { brokers: settings.brokers.join(','), topic: deadLetterTopic };
  const sender = createKafkaSender(settings, log);
  try {
    await sender.checkTopic(topic);
    return await withDeadLetters(options, async ({ count, read, commit }) => {
      let sent = 0;
      for await (const letters of read(max, { waitMs: READ_WAIT_MS })) {
        await sendBack(sender, topic, letters);
        await commit(letters);
        sent += letters.length;
      }
      if (sent < Math.min(count, max)) throw new Error('the dead letters could not be read');
      return sent;
    });
  } catch (error) {
    throw kafkaFailure(error, where);
  } finally {
    await sender.close();
  }
}

export async function sendBack(
  sender: KafkaSender,
  topic: string,
  letters: readonly Message[],
): Promise<void> {
  const records = letters.map(({ partition, offset, key, value }) => ({
    id: `${partition}/${offset}`,
    key: key ?? '',
    body: value ?? '',
  }));
  const acknowledged = await sender.send(topic, records);
  if (acknowledged.size < records.length) throw new Error('not every event was acknowledged');
}
