import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect } from 'chai';
import { acknowledgedChecks } from '../../lib/acknowledged-checks.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { DeliveryStack } from '../../lib/delivery/delivery-stack.ts';
import { type Check, checkovTimeoutMs, copyTemplates, runCheckov } from './run-checkov.ts';
import { pythonTool, pythonToolTimeoutMs } from '../support/servers/python-tool.ts';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';

const withDomain = {
  domain: 'shop.example.com',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.com',
  edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
  regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
};

// A second checker besides cdk-nag: one run over everything, because checkov takes seconds to start.
describe('checkov', function () {
  let failed: readonly Check[];
  let skipped: readonly Check[];
  let passed: readonly Check[];

  before(async function () {
    this.timeout(pythonToolTimeoutMs + checkovTimeoutMs);
    const python = await pythonTool('checkov==3.3.30', this);
    const work = mkdtempSync(join(tmpdir(), 'rowlock-checkov-'));
    try {
      for (const name of stageNames) copyTemplates(synthesisedStage(name).directory, join(work, name));
      copyTemplates(synthesisedStage('production', withDomain).directory, join(work, 'with-domain'));
      copyTemplates(deliveryTemplates(work), join(work, 'delivery'));
      plant(join(work, 'planted'));
      const report = await runCheckov(python, work);
      ({ failed_checks: failed, skipped_checks: skipped, passed_checks: passed } = report.results);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });

  const of = (checks: readonly Check[], folder: string) =>
    checks.filter(({ file_path }) => file_path.startsWith(`/${folder}/`));
  const listed = (checks: readonly Check[]) =>
    checks.map((check) => `${check.check_id} ${check.check_name}: ${check.file_path} ${check.resource}`);

  for (const folder of [...stageNames, 'with-domain', 'delivery'])
    it(`finds nothing unexplained in ${folder}`, () => {
      expect(listed(of(failed, folder))).to.deep.equal([]);
      expect(of(passed, folder)).to.have.length.of.at.least(folder === 'delivery' ? 5 : 100);
    });

  it('sees TLS at the balancer and at the edge if the stage has a domain', () => {
    const ids = of(passed, 'with-domain').map(
      ({ check_id, resource }) => `${check_id} ${resource.split('.')[0]}`,
    );
    expect(ids).to.include.members([
      'CKV_AWS_174 AWS::CloudFront::Distribution',
      'CKV_AWS_2 AWS::ElasticLoadBalancingV2::Listener',
      'CKV_AWS_103 AWS::ElasticLoadBalancingV2::Listener',
    ]);
  });

  it('has no exception that is no longer needed', () => {
    const used = new Set(skipped.map(({ check_id }) => check_id));
    expect(acknowledgedChecks.map(({ id }) => id).filter((id) => !used.has(id))).to.deep.equal([]);
  });

  it('detects an insecure queue, bucket and database', () => {
    const ids = of(failed, 'planted').map(({ check_id }) => check_id);
    // Not encrypted, public, reachable from everywhere.
    expect(ids).to.include.members(['CKV_AWS_27', 'CKV_AWS_53', 'CKV_AWS_16', 'CKV_AWS_17']);
  });
});

function deliveryTemplates(work: string): string {
  const app = new App({ outdir: join(work, 'delivery.out') });
  // oxlint-disable-next-line no-new -- a construct adds itself to its scope
  new DeliveryStack(app, 'Delivery', {
    stage: 'production',
    repository: 'example/rowlock',
    oidcProviderArn: undefined,
  });
  const { directory } = app.synth();
  return directory;
}

function plant(folder: string): void {
  mkdirSync(folder);
  const template = {
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { AccessControl: 'PublicRead' } },
      Database: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { DBInstanceClass: 'db.t4g.micro', Engine: 'mysql', PubliclyAccessible: true },
      },
    },
  };
  writeFileSync(join(folder, 'planted.template.json'), JSON.stringify(template));
}
