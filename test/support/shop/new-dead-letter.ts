import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { newUuid } from '../../../app/platform/uuid.ts';
import type { TestAws } from '../servers/aws.ts';

/** Puts a message into the dead-letter queue and returns its id. By default it has one event. */
export async function newDeadLetter(
  { sqs, deadLetterQueueUrl }: Pick<TestAws, 'sqs' | 'deadLetterQueueUrl'>,
  body: string = JSON.stringify({ id: newUuid(), type: 'rowlock.order.completed.v2' }),
  reason?: string,
): Promise<string> {
  const { MessageId = '' } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: deadLetterQueueUrl,
      MessageBody: body,
      ...(reason !== undefined && {
        MessageAttributes: { Reason: { DataType: 'String', StringValue: reason } },
      }),
    }),
  );
  return MessageId;
}
