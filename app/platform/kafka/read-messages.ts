import type { Readable } from 'node:stream';
import type { Message } from '@platformatic/kafka';

type KafkaMessage = Message;

/**
 * Reads what the stream has, up to `max`. Waits up to `waitMs` if it has nothing; the abort of the signal
 * ends the wait. Throws if the stream has failed or ended.
 */
export async function readMessages(
  stream: Readable,
  { max, waitMs, signal }: { max: number; waitMs: number; signal: AbortSignal },
): Promise<KafkaMessage[]> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (stream.errored !== null) throw stream.errored;
    if (stream.destroyed || stream.readableEnded) throw new Error('the stream of Kafka has ended');
    const messages = takeBuffered(stream, max);
    const leftMs = deadline - performance.now();
    if (messages.length > 0 || signal.aborted || leftMs <= 0) return messages;
    await somethingHappens(stream, leftMs, signal);
  }
}

function takeBuffered(stream: Readable, max: number): KafkaMessage[] {
  const messages: KafkaMessage[] = [];
  while (messages.length < max) {
    const message = stream.read() as KafkaMessage | null;
    if (message === null) break;
    messages.push(message);
  }
  return messages;
}

const events = ['readable', 'error', 'end', 'close'] as const;

function somethingHappens(stream: Readable, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      for (const event of events) stream.off(event, finish);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, waitMs);
    for (const event of events) stream.on(event, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}
