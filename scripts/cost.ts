/**
 * `npm run cost -- --stage minimal|production [--orders-per-month N]`: the bill of a month, estimated from the
 * templates that a synthesis makes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import type { TemplateResource } from '../lib/cost/cost-item.ts';
import { costTable } from '../lib/cost/cost-table.ts';
import { estimateCost } from '../lib/cost/estimate-cost.ts';
import { expectedUse } from '../lib/cost/expected-use.ts';
import { deploymentOptions } from '../lib/deployment-options.ts';
import { rowlockStacks } from '../lib/rowlock-stacks.ts';
import { stageSettings } from '../lib/stages.ts';
import cdk from '../cdk.json' with { type: 'json' };

const { values } = parseArgs({
  options: { stage: { type: 'string' }, 'orders-per-month': { type: 'string', default: '100000' } },
});
const orders = Number(values['orders-per-month']);
if (!Number.isSafeInteger(orders) || orders < 0) throw new Error('--orders-per-month is a whole number');
const settings = stageSettings(values.stage);
console.log(costTable(estimateCost(templateResources(), expectedUse(orders)), { settings, orders }));

function templateResources(): TemplateResource[] {
  const outdir = mkdtempSync(join(tmpdir(), 'rowlock-cost-'));
  try {
    // The size of the bundle does not matter here.
    const bundleFile = join(outdir, 'rowlock-linux-arm64.tar.gz');
    writeFileSync(bundleFile, '');
    const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdk.context });
    rowlockStacks(app, { settings, options: deploymentOptions(() => undefined), bundleFile });
    return app.synth().stacks.flatMap(({ stackName, template }) => {
      const { Resources } = template as { Resources: Record<string, Partial<TemplateResource>> };
      return Object.entries(Resources).map(([logicalId, { Type = '', Properties = {} }]) => ({
        logicalId,
        stack: stackName,
        Type,
        Properties,
      }));
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
