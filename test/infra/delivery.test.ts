import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect } from 'chai';
import { DeliveryStack } from '../../lib/delivery/delivery-stack.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesiseStage } from '../../scripts/templates/synthesise-stage.ts';

const top = join(import.meta.dirname, '../..');
const folder = join(top, '.github/workflows');
const workflows = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
}));
const workflow = (name: string) => workflows.find((found) => found.name === name)?.text ?? '';

describe('the role of the delivery path', function () {
  const synthesised = (oidcProviderArn?: string) => {
    const app = new App();
    const stack = new DeliveryStack(app, 'Delivery', {
      stage: 'production',
      repository: 'example/rowlock',
      oidcProviderArn,
    });
    const { template } = app.synth().getStackByName(stack.stackName) as unknown as {
      // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
      template: { Resources: Record<string, { Type: string; Properties: any }> };
    };
    return Object.values(template.Resources);
  };

  it('trusts only jobs of one repository in the environment of the stage', () => {
    const role = synthesised().find(({ Type }) => Type === 'AWS::IAM::Role');
    const statements = role?.Properties.AssumeRolePolicyDocument.Statement as Record<string, unknown>[];
    expect(statements).to.have.lengthOf(1);
    expect(statements[0]?.['Condition']).to.deep.equal({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': 'repo:example/rowlock:environment:production',
      },
    });
  });

  it("may only assume the bootstrap stack's roles, list alarms and set those of the stage", () => {
    const policies = synthesised().filter(({ Type }) => Type === 'AWS::IAM::Policy');
    const statements = policies.flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[],
    );
    expect(statements.map(({ Action }) => Action)).to.deep.equal([
      'sts:AssumeRole',
      ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:SetAlarmState'],
      'cloudwatch:DescribeAlarms',
    ]);
    const [bootstrap = [], alarms = [], listed = []] = statements.map(({ Resource }) =>
      [Resource].flat().map((arn) => JSON.stringify(arn)),
    );
    for (const arn of bootstrap)
      expect(arn)
        .to.match(/role\/cdk-hnb659fds-(deploy|file-publishing|lookup)-role-/)
        .and.not.contain('*');
    // CloudFront's alarms are in us-east-1.
    for (const arns of [alarms, listed]) {
      expect(arns).to.have.lengthOf(2);
      expect(arns[1]).to.contain(':cloudwatch:us-east-1:');
    }
    for (const arn of alarms) expect(arn).to.contain(':alarm:rowlock-production-*"');
    // CloudWatch rejects a list by prefix from a caller that may describe only the alarms with this prefix.
    for (const arn of listed) expect(arn).to.contain(':alarm:*"');
    expect(JSON.stringify(policies)).to.not.contain('cfn-exec');
  });

  it('uses the GitHub provider that the account already has', () => {
    const arn = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
    expect(synthesised(arn).map(({ Type }) => Type)).to.not.include('AWS::IAM::OIDCProvider');
    expect(synthesised().map(({ Type }) => Type)).to.include('AWS::IAM::OIDCProvider');
  });

  it('is rejected without a repository', () => {
    const { status, stderr } = spawnSync(process.execPath, ['bin/delivery.ts'], {
      cwd: top,
      encoding: 'utf8',
    });
    expect(status).to.equal(1);
    expect(stderr).to.match(/invalid options \(-c name=value\): stage: .*repository: /);
  });
});

describe('the workflows', () => {
  it('pin actions to a commit, with the release in a comment', () => {
    const used = workflows.flatMap(({ text }) =>
      [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action),
    );
    expect(used).to.have.length.of.at.least(8);
    for (const action of used) {
      expect(action).to.match(
        /^(\.\/\.github\/workflows\/[a-z-]+\.yml|[a-z-]+\/[a-z-]+@[0-9a-f]{40} # v[0-9.]+)$/,
      );
    }
  });

  it('give AWS tokens only to jobs that deploy, never to a pull request', () => {
    expect(workflow('pull-request.yml')).to.not.match(/id-token|secrets\.|pull_request_target/);
    for (const { name, text } of workflows) {
      expect(text, name).to.match(/^permissions:\n  contents: read\n/m);
    }
    const [beforeJobs = ''] = workflow('deploy-stage.yml').split('\njobs:');
    expect(beforeJobs).to.not.contain('id-token');
  });

  it('comment on a pull request from a job that runs none of its code', () => {
    const [before = '', comment = ''] = workflow('pull-request.yml').split('\n  comment:\n');
    expect(before).to.not.contain(': write').and.to.not.contain('github.token');
    expect(comment).to.contain('pull-requests: write').and.to.contain('gh pr comment');
    expect(comment).to.not.match(/checkout|npm|\.ci\/|contents: write/);
  });

  it('deploy one build: minimal, its smoke test, then production after approval', () => {
    const deploy = workflow('deploy.yml');
    expect(deploy.match(/cdk synth/g)).to.have.lengthOf(1);
    expect(deploy).to.match(/^  minimal:\n    needs: build\n/m);
    expect(deploy).to.match(/^  production:\n    needs: minimal\n/m);
    const stage = workflow('deploy-stage.yml');
    expect(stage).to.contain('environment: ${{ inputs.stage }}');
    expect(stage).to.match(/cdk deploy --all --app "cdk\.out\/\$STAGE" --require-approval never/);
    expect(stage.indexOf('npm run smoke')).to.be.greaterThan(stage.indexOf('cdk deploy'));
  });

  it('test the alarms of production in us-east-1 as well', () => {
    const [, step = ''] = workflow('deploy-stage.yml').split(
      '- name: Smoke test of the alarms in us-east-1\n',
    );
    expect(step).to.contain("if: inputs.stage == 'production' && inputs.region != 'us-east-1'\n");
    expect(step).to.contain('AWS_REGION: us-east-1\n');
    expect(step).to.contain('npm run smoke -- --stage "$STAGE"');
  });

  it('stop with one sentence before any build if a region is not set', () => {
    const deploy = workflow('deploy.yml');
    const [, script = ''] =
      /name: Check that both regions are set\n[\s\S]*?run: \|\n((?: {10}.*\n)+)/.exec(deploy) ?? [];
    const run = (env: Record<string, string>) => {
      const { status, stdout } = spawnSync('bash', ['--norc', '-eo', 'pipefail', '-c', script], {
        env: { PATH: '/usr/bin:/bin', ...env },
        encoding: 'utf8',
      });
      return { status, stdout };
    };
    const regions = { MINIMAL_REGION: 'eu-west-1', PRODUCTION_REGION: 'us-east-1' };
    expect(run(regions)).to.deep.equal({ status: 0, stdout: '' });
    for (const name of Object.keys(regions)) {
      const { status, stdout } = run({ ...regions, [name]: '' });
      expect(status, name).to.equal(1);
      expect(stdout).to.match(new RegExp(`^::error::The variable ${name} is not set: .*\\n$`));
    }
    expect(deploy.indexOf('Check that both regions')).to.be.lessThan(deploy.indexOf('.ci/run'));
  });
});

describe('.ci/diff-templates', function () {
  it('shows how a change affects a template, without credentials', () => {
    const work = mkdtempSync(join(tmpdir(), 'rowlock-diff-'));
    try {
      const [base, head] = [join(work, 'base'), join(work, 'head')];
      synthesiseStage(stageSettings('minimal'), join(head, 'minimal'));
      cpSync(head, base, { recursive: true });
      const file = (stack: string) => join(base, `minimal/cdk.out/Rowlock-minimal-${stack}.template.json`);
      writeFileSync(
        file('Messaging'),
        readFileSync(file('Messaging'), 'utf8').replace(
          /"MessageRetentionPeriod": [0-9]+/,
          '"MessageRetentionPeriod": 60',
        ),
      );
      rmSync(file('Storage'));
      const output = execFileSync(join(top, '.ci/diff-templates'), [base, head], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: work, CDK_DISABLE_CLI_TELEMETRY: 'true' },
      });
      expect(output).to.match(
        /### Rowlock-minimal-Messaging\n\n```diff\n[\s\S]*MessageRetentionPeriod[\s\S]*60[\s\S]*```/,
      );
      expect(output).to.contain('### Rowlock-minimal-Storage: a new stack');
      expect(output).to.not.contain('Rowlock-minimal-Data');
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
});
