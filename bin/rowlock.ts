/** CDK entry: `npx cdk synth [-c uploadOrigins=https://shop.example.com,…]`. */
// oxlint-disable no-new -- a construct adds itself to its scope
import { App } from 'aws-cdk-lib';
import { MessagingStack } from '../lib/stacks/messaging-stack.ts';
import { StorageStack } from '../lib/stacks/storage-stack.ts';

const app = new App();
new StorageStack(app, 'RowlockStorage', {
  uploadOrigins: uploadOrigins(app.node.tryGetContext('uploadOrigins')),
});
new MessagingStack(app, 'RowlockMessaging');
app.synth();

/** Comma separated; the local shop's own address where it is not given. */
function uploadOrigins(context: unknown): string[] {
  if (context === undefined) return ['http://127.0.0.1:3000'];
  if (typeof context !== 'string' || context === '')
    throw new Error('context uploadOrigins is a list of origins');
  return context.split(',');
}
