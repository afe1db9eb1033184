import { newUuid } from '../../../../app/platform/uuid.ts';
import type { AwsService, AwsTrouble } from '../aws-front.ts';
import type { Fault } from '../fault.ts';

function trouble(
  name: string,
  service: AwsService,
  about: string,
  draws: (draw: () => number) => AwsTrouble,
): Fault {
  return {
    name,
    about,
    touches: ['aws'],
    lastsMs: [500, 2000],
    begin: async ({ awsFront }, draw) => {
      const detail = draws(draw);
      awsFront.trouble(service, detail);
      return { detail, end: async () => awsFront.trouble(service, undefined) };
    },
  };
}

export const queueFaults: readonly Fault[] = [
  {
    name: 'kill-aws',
    about: 'SIGKILL of the S3 and SQS server, which keeps everything that it acknowledged',
    touches: ['aws'],
    lastsMs: [100, 1000],
    begin: async ({ servers: { aws } }) => {
      await aws.kill();
      return { end: () => aws.start() };
    },
  },
  {
    name: 'freeze-aws',
    about: 'SIGSTOP of the S3 and SQS server',
    touches: ['aws'],
    lastsMs: [300, 2000],
    begin: async ({ servers: { aws } }) => {
      aws.freeze();
      return { end: async () => aws.thaw() };
    },
  },
  trouble('sqs-down', 'sqs', 'SQS breaks connections or answers 503', (draw) => ({
    outage: draw() < 0.5 ? 'away' : 'error',
  })),
  trouble('sqs-slow', 'sqs', 'SQS takes its time', (draw) => ({ delayMs: Math.round(200 + draw() * 1200) })),
  trouble('sqs-duplicates', 'sqs', 'SQS delivers messages twice, and those that were deleted again', () => ({
    duplicates: 0.5,
    lostDeletions: 0.3,
  })),
  trouble('sqs-disorder', 'sqs', 'SQS delivers late, and in another order', () => ({ disorderMs: 800 })),
  trouble('sqs-lost-answers', 'sqs', 'SQS takes messages in, and the answer is lost', () => ({
    lostAnswers: 0.5,
  })),
  trouble('s3-down', 's3', 'S3 breaks connections or answers 503', (draw) => ({
    outage: draw() < 0.5 ? 'away' : 'error',
  })),
  {
    name: 'poisoned-messages',
    about: 'unreadable messages: they end in the dead-letter queue and delay no others',
    touches: ['aws'],
    lastsMs: [50, 300],
    begin: async ({ queue }) => {
      for (const poison of poisons()) {
        // Expected from now on, even when the answer to the send is lost.
        queue.poisons.push(poison);
        await queue.send(poison);
      }
      return { end: async () => undefined };
    },
  },
];

/** No JSON; JSON that is no event; an event of an unknown kind; an event with harmful numbers. */
export function poisons(): string[] {
  const id = newUuid();
  const event = { specversion: '1.0', source: '/rowlock/orders', id, subject: id, time: 'yesterday' };
  return [
    `poison ${id} {`,
    JSON.stringify({ poison: id }),
    JSON.stringify({ ...event, type: 'rowlock.order.exploded.v1', data: {} }),
    JSON.stringify({ ...event, type: 'rowlock.order.completed.v1', data: { lines: [{ units: 1e308 }] } }),
  ];
}
