import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { expect } from 'chai';
import cdk from '../../cdk.json' with { type: 'json' };
import { settingsLevers } from '../../lib/cost/levers.ts';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { neededEndpoints } from '../../lib/settings/needed-endpoints.ts';
import { rowlockStacks } from '../../lib/rowlock-stacks.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';

/** Deployed template of each stack, in the order of `cdk deploy --all`. */
type Templates = ReadonlyMap<string, string>;

const production = stageSettings('production');

const variants: Readonly<Record<string, StageSettings>> = {
  ...Object.fromEntries(
    settingsLevers.flatMap(({ lever, settings: change }) => {
      const changed = change(production);
      return changed === undefined ? [] : [[lever, changed]];
    }),
  ),
  'one Redis group': {
    ...production,
    redis: { ...production.redis, groups: 'shared', cacheKeysMax: 200_000 },
  },
  'endpoints instead of NAT': {
    ...production,
    network: { ...production.network, natGateways: 0, interfaceEndpoints: neededEndpoints },
  },
};

describe('a lever that removes something from production', function () {
  let base: Templates;
  before(() => {
    base = templatesOf(production);
  });

  it('fails if it removes an export that a later stack still imports', () => {
    const lever = variants['no read replica'] ?? production;
    expect(deploy(base, templatesOf(lever), [...base.keys()]).join()).to.match(
      /Export Rowlock-production-Data:\S+ cannot be deleted as it is in use by Rowlock-production-Service/,
    );
  });

  for (const [name, settings] of Object.entries(variants))
    it(`${name}: deploys with the consumers first, and reverts in the normal order`, () => {
      const changed = templatesOf(settings);
      const order = [...base.keys()];
      expect(deploy(base, changed, [...consumers, ...order])).to.deep.equal([]);
      expect(deploy(changed, base, order)).to.deep.equal([]);
    });

  it("changes the storefront's key in the four steps of docs/deploy.md", () => {
    const withKeys = (...storefrontKeys: number[]) =>
      templatesOf({ ...production, gateway: { ...production.gateway, storefrontKeys } });
    const order = [...base.keys()];
    const both = withKeys(1, 2);
    const turned = withKeys(2, 1);
    const last = withKeys(2);
    expect(deploy(base, both, order)).to.deep.equal([]);
    expect(deploy(both, turned, order)).to.deep.equal([]);
    expect(deploy(turned, last, [...consumers, ...order])).to.deep.equal([]);
    expect(deploy(turned, last, order).join()).to.match(/cannot be deleted/);
  });

  it('has its commands in docs/deploy.md', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
    const names = consumers.map((name) => name.replace('production', 'STAGE')).join(' ');
    expect(text).to.contain(`npx cdk deploy --exclusively ${names} -c stage=STAGE`);
  });
});

const consumers = ['Rowlock-production-Service', 'Rowlock-production-Observability'];

/** Updates stacks one by one like CloudFormation, and returns the errors that it would report. */
function deploy(before: Templates, after: Templates, order: readonly string[]): string[] {
  const deployed = new Map(before);
  return order.flatMap((stack) => {
    const template = after.get(stack);
    // A stack that was removed from the app is not deployed and stays until it is deleted by hand.
    if (template === undefined) return [];
    const kept = exportsOf(template);
    const lost = exportsOf(deployed.get(stack) ?? '{}').filter((name) => !kept.includes(name));
    const inUse = [...deployed].flatMap(([other, text]) =>
      lost
        .filter((name) => other !== stack && importsOf(text).includes(name))
        .map((name) => `Export ${name} cannot be deleted as it is in use by ${other}`),
    );
    deployed.set(stack, template);
    const known = [...deployed.values()].flatMap(exportsOf);
    const unknown = importsOf(template).filter((name) => !known.includes(name));
    return [...inUse, ...unknown.map((name) => `No export named ${name} found, which ${stack} imports`)];
  });
}

function exportsOf(template: string): string[] {
  const { Outputs = {} } = JSON.parse(template) as {
    Outputs?: Record<string, { Export?: { Name: string } }>;
  };
  return Object.values(Outputs).flatMap((output) => output.Export?.Name ?? []);
}

function importsOf(template: string): string[] {
  return [...template.matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name = '']) => name);
}

function templatesOf(settings: StageSettings): Templates {
  const outdir = mkdtempSync(join(tmpdir(), 'rowlock-lever-'));
  try {
    const bundleFile = join(outdir, 'bundle.tar.gz');
    writeFileSync(bundleFile, '');
    const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdk.context });
    rowlockStacks(app, {
      settings,
      options: deploymentOptions(() => undefined),
      region: 'ap-northeast-2',
      bundleFile,
    });
    return new Map(
      app.synth().stacks.map(({ stackName, template }) => [stackName, JSON.stringify(template)]),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
