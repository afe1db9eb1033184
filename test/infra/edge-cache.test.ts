import {
  CloudFrontClient,
  CreateDistributionCommand,
  ListInvalidationsCommand,
  GetInvalidationCommand,
} from '@aws-sdk/client-cloudfront';
import { expect } from 'chai';
import { openEdgeCache } from '../../app/platform/aws/cloudfront.ts';
import { onCleanup } from '../support/cleanup.ts';
import { pythonTool, pythonToolTimeoutMs } from '../support/servers/python-tool.ts';
import { startMoto } from './start-moto.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe("the app's invalidation", () => {
  let endpoint: string;
  before(async function () {
    this.timeout(pythonToolTimeoutMs);
    endpoint = await startMoto(await pythonTool('moto[server]==5.2.5', this));
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  });
  after(() => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
  });

  it('is one that CloudFront’s API accepts, and fails by name for an unknown distribution', async () => {
    const client = new CloudFrontClient({ region: 'us-east-1', endpoint, credentials });
    onCleanup(() => client.destroy());
    const { Distribution } = await client.send(
      new CreateDistributionCommand({
        DistributionConfig: {
          CallerReference: 'test',
          Comment: '',
          Enabled: true,
          Origins: {
            Quantity: 1,
            Items: [
              {
                Id: 'api',
                DomainName: 'api.example.com',
                CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
              },
            ],
          },
          DefaultCacheBehavior: { TargetOriginId: 'api', ViewerProtocolPolicy: 'redirect-to-https' },
        },
      }),
    );
    const distributionId = Distribution?.Id ?? '';
    const edge = openEdgeCache({ distributionId, endpoint });
    onCleanup(() => edge.close());
    await edge.invalidate({ reference: 'change-1', paths: ['/products*'] });
    const { InvalidationList } = await client.send(
      new ListInvalidationsCommand({ DistributionId: distributionId }),
    );
    const [listed] = InvalidationList?.Items ?? [];
    const { Invalidation } = await client.send(
      new GetInvalidationCommand({ DistributionId: distributionId, Id: listed?.Id }),
    );
    expect(Invalidation?.InvalidationBatch).to.deep.equal({
      CallerReference: 'change-1',
      Paths: { Quantity: 1, Items: ['/products*'] },
    });

    const lost = openEdgeCache({ distributionId: 'ENOWHERE00', endpoint });
    onCleanup(() => lost.close());
    const failure = await lost
      .invalidate({ reference: 'change-2', paths: ['/products*'] })
      .catch((error: Error) => error.message);
    expect(failure).to.equal('CloudFront ENOWHERE00 took no invalidation');
  });
});
