/**
 * The CDK app of `./scripts/up --provision=cdk`: the storage and messaging stacks of lib/, for LocalStack. The other
 * stacks need services that its community edition does not have.
 */
import { App, CfnOutput, LegacyStackSynthesizer } from 'aws-cdk-lib';
import { MessagingStack } from '../../lib/messaging/messaging-stack.ts';
import { StorageStack } from '../../lib/storage/storage-stack.ts';
import { localOutputs, localStacks } from './local-stacks.ts';

const LOG_DAYS = 7;

const app = new App();
// Nothing has to be bootstrapped, because these stacks bring no files along. Bootstrapping would make a registry of
// images, which LocalStack does not know.
const storage = new StorageStack(app, localStacks.storage, {
  synthesizer: new LegacyStackSynthesizer(),
  // Any page on a laptop.
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
