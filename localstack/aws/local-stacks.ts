/** Names that the CDK app for LocalStack and whoever deploys it agree on. */
export const localStacks = {
  storage: 'Rowlock-local-Storage',
  messaging: 'Rowlock-local-Messaging',
} as const;

export const localOutputs = {
  bucket: 'ImagesBucket',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
} as const;
