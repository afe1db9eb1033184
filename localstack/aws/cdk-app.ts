/**
 * The CDK app of `./scripts/up --provision=cdk`: the storage and messaging stacks of lib/ on LocalStack. The
 * other stacks need services that its community edition lacks.
 */
import { App, CfnOutput, LegacyStackSynthesizer } from 'aws-cdk-lib';
import { MessagingStack } from '../../lib/messaging/messaging-stack.ts';
import { StorageStack } from '../../lib/storage/storage-stack.ts';
import { localOutputs, localStacks } from './local-stacks.ts';

const LOG_DAYS = 7;

const app = new App();
// No bootstrap needed, because these stacks have no assets. Bootstrapping would create an image registry,
// which LocalStack does not support.
const storage = new StorageStack(app, localStacks.storage, {
  synthesizer: new LegacyStackSynthesizer(),
  // Any origin may upload on a laptop.
  uploadOrigins: ['*'],
  logDays: LOG_DAYS,
  disposable: true,
});
const messaging = new MessagingStack(app, localStacks.messaging, {
  synthesizer: new LegacyStackSynthesizer(),
});
// oxlint-disable no-new -- a construct adds itself to its scope
new CfnOutput(storage, localOutputs.bucket, { value: storage.images.bucketName });
new CfnOutput(messaging, localOutputs.queueUrl, { value: messaging.orderEvents.queueUrl });
new CfnOutput(messaging, localOutputs.deadLetterQueueUrl, { value: messaging.deadLetters.queueUrl });
app.synth();
