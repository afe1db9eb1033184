/** Names shared by the CDK app for LocalStack and provision-by-cdk.ts. */
export const localStacks = {
  storage: 'Rowlock-local-Storage',
  messaging: 'Rowlock-local-Messaging',
} as const;

export const localOutputs = {
  bucket: 'ImagesBucket',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
} as const;
