import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'chai';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import { MessagingStack } from '../../lib/messaging/messaging-stack.ts';
import { StorageStack } from '../../lib/storage/storage-stack.ts';

// The context of cdk.json, without which the CDK gives the log bucket an ACL.
const context = { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true };

type Properties = Record<string, unknown>;

function resources(stack: Stack, type: string): Properties[] {
  const found = Template.fromStack(stack).findResources(type) as Record<string, { Properties: Properties }>;
  return Object.values(found).map(({ Properties }) => Properties);
}

describe('the CDK stacks', () => {
  it('create the queues of the shared definition', () => {
    const queues = resources(new MessagingStack(new App(), 'Messaging'), 'AWS::SQS::Queue');
    const events = queues.find(({ QueueName }) => QueueName === orderEventsQueue.name);
    const deadLetters = queues.find(({ QueueName }) => QueueName === orderEventsQueue.deadLetterName);
    expect(queues).to.have.lengthOf(2);
    expect(events).to.include({
      VisibilityTimeout: orderEventsQueue.visibilityTimeoutS,
      MessageRetentionPeriod: orderEventsQueue.retentionS,
      ReceiveMessageWaitTimeSeconds: orderEventsQueue.receiveWaitS,
    });
    expect(events).to.have.nested.property('RedrivePolicy.maxReceiveCount', orderEventsQueue.receiveCountMax);
    expect(deadLetters).to.include({ MessageRetentionPeriod: orderEventsQueue.deadLetterRetentionS });
  });

  it('create a private bucket that accepts uploads only from the named origins', () => {
    const origin = 'https://shop.example.com';
    const stack = new StorageStack(new App({ context }), 'Storage', {
      uploadOrigins: [origin],
      logDays: 7,
      disposable: false,
    });
    const bucket = resources(stack, 'AWS::S3::Bucket').find(({ CorsConfiguration }) => CorsConfiguration);
    expect(bucket?.['PublicAccessBlockConfiguration']).to.deep.equal({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket?.['CorsConfiguration']).to.deep.equal({
      CorsRules: [
        {
          AllowedMethods: imagesBucket.cors.methods,
          AllowedOrigins: [origin],
          AllowedHeaders: imagesBucket.cors.headers,
          ExposedHeaders: imagesBucket.cors.exposedHeaders,
          MaxAge: imagesBucket.cors.maxAgeS,
        },
      ],
    });
    expect(bucket).to.have.nested.property(
      'LifecycleConfiguration.Rules[0].Prefix',
      imagesBucket.uploadsPrefix,
    );
    expect(bucket).to.have.nested.property(
      'LifecycleConfiguration.Rules[0].ExpirationInDays',
      imagesBucket.uploadExpiryDays,
    );
  });
});
