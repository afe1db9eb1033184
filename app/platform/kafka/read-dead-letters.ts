import type { Message } from '@platformatic/kafka';
import type { EventTransport, WaitingLetter, WaitingLetters } from '../event-transport.ts';
import { type DeadLetterOptions, withDeadLetters } from './dead-letters-left.ts';
import type { KafkaSender } from './kafka-sender.ts';
import { sendBack } from './redrive-dead-letters.ts';

/** A request ends after eight seconds. */
const wait = { waitMs: 2000, joinMs: 4000 };
/** Letters among which one is searched. */
const SEARCHED_MAX = 1000;

/** Reads dead letters behind the offsets of the redrive, which stay where they are. */
export function readKafkaDeadLetters(options: DeadLetterOptions, max: number): Promise<WaitingLetters> {
  return withDeadLetters(options, async ({ count, read }) => {
    const letters: WaitingLetter[] = [];
    for await (const messages of read(max, wait)) letters.push(...messages.map(letterOf));
    return { letters, isComplete: letters.length === count };
  });
}

/**
 * Sends one dead letter back. The first one of its partition is then behind the offset of the redrive; any
 * other stays among the dead letters, as an offset stands for all records before it.
 */
export function redriveKafkaLetter(
  options: DeadLetterOptions,
  sender: KafkaSender,
  [id, announce]: Parameters<EventTransport['redriveOne']>,
): Promise<boolean> {
  return withDeadLetters(options, async ({ read, froms, commit }) => {
    for await (const letters of read(SEARCHED_MAX, wait)) {
      const letter = letters.find((each) => idOf(each) === id);
      if (letter === undefined) continue;
      await announce(letterOf(letter));
      await sendBack(sender, options.topic, [letter]);
      if (letter.offset === froms[letter.partition]) await commit([letter]);
      return true;
    }
    return false;
  });
}

function letterOf(message: Message): WaitingLetter {
  const { value, headers } = message;
  return { id: idOf(message), body: (value ?? '').toString(), reason: headerOf(headers, 'reason') };
}

/** May be part of a path. */
function idOf({ partition, offset }: Message): string {
  return `${partition}-${offset}`;
}

function headerOf(headers: Message['headers'], name: string): string | undefined {
  for (const [key, value] of headers) if (key.toString() === name) return value.toString();
  return undefined;
}
