import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect } from 'chai';
import { stageSettings } from '../../lib/settings/stages.ts';
import { vpcLinkZones } from '../../lib/edge/vpc-link-zones.ts';
import type { AccountFacts } from '../../scripts/preflight/account-facts.ts';
import { needsOfInstances } from '../../scripts/preflight/account-needs.ts';
import { judgeAccount } from '../../scripts/preflight/judge-account.ts';
import { pythonTool, pythonToolTimeoutMs } from '../support/servers/python-tool.ts';
import { startMoto } from './start-moto.ts';

const top = join(import.meta.dirname, '../..');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

// moto returns the zone ids and offerings of the real regions: us-east-1e is use1-az3.
describe('npm run preflight against moto', function () {
  let endpoint: string;

  before(async function () {
    this.timeout(pythonToolTimeoutMs);
    const python = await pythonTool('moto[server]==5.2.5', this);
    endpoint = await startMoto(python);
    for (const region of ['us-east-1', 'ap-northeast-2']) {
      const cloudFormation = new CloudFormationClient({ endpoint, region, credentials });
      await cloudFormation.send(
        new CreateStackCommand({ StackName: 'CDKToolkit', TemplateBody: emptyTemplate }),
      );
    }
  });

  const preflight = (...args: string[]) =>
    new Promise<{ code: number | string | undefined; output: string }>((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      };
      execFile(
        process.execPath,
        [join(top, 'scripts/preflight/index.ts'), ...args],
        { env, timeout: 60_000 },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: `${stdout}${stderr}` }),
      );
    });

  for (const region of ['us-east-1', 'ap-northeast-2'])
    it(`finds no obstacle to production in ${region}`, async () => {
      const { code, output } = await preflight('--stage=production', `--region=${region}`);
      expect(output).to.match(/^ok +zone .*a \(/m);
      expect(output).to.contain('Nothing found that would stop a deployment.');
      expect(code).to.equal(0);
    });

  it('fails for a zone without VPC links or Arm instances, and names zones with both', async () => {
    const { code, output } = await preflight(
      '--stage=production',
      '--region=us-east-1',
      '--zones=us-east-1a,us-east-1e',
    );
    expect(code).to.equal(1);
    expect(output).to.match(/^ok +zone us-east-1a/m);
    expect(output).to.match(/^error +zone us-east-1e \(use1-az3\): API Gateway offers no VPC link V2 there/m);
    expect(output).to.match(/^error +zone us-east-1e \(use1-az3\): EC2 offers no c7g\.large there/m);
    expect(output).to.contain('deploy with -c zones=us-east-1a,us-east-1b');
  });

  it('fails for a zone of another region and for a region without the bootstrap stack', async () => {
    const { code, output } = await preflight(
      '--stage=minimal',
      '--region=us-west-2',
      '--zones=us-east-1a,us-east-1b',
    );
    expect(code).to.equal(1);
    expect(output).to.match(/^error +zone us-east-1a: us-west-2 has no zone of that name/m);
    expect(output).to.match(/^error +not bootstrapped: .*us-west-2/m);
  });

  it('detects what a failed first deployment left behind', async () => {
    const secrets = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials });
    await secrets.send(
      new CreateSecretCommand({ Name: 'rowlock/minimal/redis-state', SecretString: 'token' }),
    );
    const { code, output } = await preflight('--stage=minimal', '--region=us-east-1');
    expect(code).to.equal(1);
    expect(output).to.match(
      /^error +secret rowlock\/minimal\/redis-state exist\(s\) without Rowlock-minimal-Data/m,
    );
  });
});

describe('preflight findings about an account', () => {
  const needs = needsOfInstances(stageSettings('production'));
  const sound: AccountFacts = {
    region: 'us-east-1',
    zones: [
      { name: 'us-east-1a', id: 'use1-az3' },
      { name: 'us-east-1b', id: 'use1-az1' },
      { name: 'us-east-1c', id: 'use1-az2' },
    ],
    defaultSubnetZones: ['us-east-1c', 'us-east-1b'],
    offerings: new Map([
      ['c7g.large', ['us-east-1b', 'us-east-1c']],
      ['t4g.micro', ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ]),
    databaseZones: { value: ['us-east-1b', 'us-east-1c'] },
    vcpus: new Map([
      ['c7g.large', 2],
      ['t4g.micro', 2],
    ]),
    runningVcpus: 0,
    vpcs: 1,
    addresses: 0,
    vcpuQuota: { value: 32 },
    vpcQuota: { value: 5 },
    addressQuota: { value: 5 },
    stacks: new Map([['CDKToolkit', 'CREATE_COMPLETE']]),
    protectedRemains: [],
    bootstrapped: [{ region: 'us-east-1', found: { value: true } }],
    leftovers: [],
    distributions: { value: 1 },
  };
  const errors = (facts: Partial<AccountFacts>, zones?: string[]) =>
    judgeAccount({ ...sound, ...facts }, needs, { zones })
      .filter(({ verdict }) => verdict === 'error')
      .map(({ text }) => text)
      .join('\n');

  it('are empty if the zones with default subnets, which CloudFormation prefers, fit', () => {
    expect(errors({})).to.equal('');
  });

  it('include an unsuitable first zone if no zone has a default subnet', () => {
    expect(errors({ defaultSubnetZones: [] })).to.match(
      /zone us-east-1a \(use1-az3\): .*-c zones=us-east-1b,us-east-1c/,
    );
  });

  it('include a zone that does not offer the database class', () => {
    expect(errors({ databaseZones: { value: ['us-east-1c'] } })).to.match(
      /us-east-1b .*RDS offers no db\.r7g\.large .*us-east-1 has only 1 usable zone/,
    );
  });

  it('include too few zones', () => {
    expect(errors({ defaultSubnetZones: ['us-east-1b'] })).to.match(/1 zone\(s\) .* and the stage needs 2/);
  });

  it('include a quota that is too small for a release and existing use', () => {
    expect(errors({ vcpuQuota: { value: 16 }, runningVcpus: 4 })).to.equal('');
    expect(errors({ vcpuQuota: { value: 16 }, runningVcpus: 5 })).to.match(
      /L-1216C47A is 16 vCPUs, 5 .* needs 12/,
    );
    expect(errors({ vpcs: 5 })).to.match(/VPCs/);
    expect(errors({ addresses: 4 })).to.match(/Elastic IP/);
  });

  it('exclude quotas of a network that already exists', () => {
    expect(
      errors({ vpcs: 5, stacks: new Map([['Rowlock-production-Network', 'UPDATE_COMPLETE']]) }),
    ).to.equal('');
  });

  it('include a stack whose creation or update failed', () => {
    expect(errors({ stacks: new Map([['Rowlock-production-Edge', 'ROLLBACK_FAILED']]) })).to.match(
      /Rowlock-production-Edge is ROLLBACK_FAILED/,
    );
  });

  it('include what a rollback left, if it is protected: the next deployment cannot delete it', () => {
    expect(errors({ protectedRemains: ['Rowlock-production-Data', 'Another-Data'] })).to.equal(
      'stack Rowlock-production-Data is empty and has termination protection: ' +
        'see "A deployment that failed" in docs/deploy.md',
    );
  });

  it('include a hint, not an error, for a missing permission or an unlisted region', () => {
    const unread = { what: 'quota', unread: 'AccessDeniedException' };
    const region = 'eu-central-1';
    expect(vpcLinkZones).to.not.have.property(region);
    const findings = judgeAccount(
      { ...sound, region, vcpuQuota: unread, distributions: { value: 0 } },
      needs,
      {},
    );
    const hints = findings.filter(({ verdict }) => verdict === 'check').map(({ text }) => text);
    expect(hints.join('\n')).to.match(
      /does not list eu-central-1[\s\S]*AccessDenied[\s\S]*AWS Support may have to verify/,
    );
    expect(findings.map(({ verdict }) => verdict)).to.not.include('error');
  });
});

const emptyTemplate = JSON.stringify({
  Resources: { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
});
