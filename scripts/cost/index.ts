/**
 * `npm run cost -- --stage minimal|production [--orders-per-month N] [--region us-east-1|ap-northeast-2]`:
 * estimates the monthly bill from the synthesised templates, and what each lever would save.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { costTable } from '../../lib/cost/cost-table.ts';
import { estimateCost } from '../../lib/cost/estimate-cost.ts';
import { expectedUse } from '../../lib/cost/expected-use.ts';
import { savingsOf } from '../../lib/cost/levers.ts';
import { pricedRegions } from '../../lib/cost/price-list.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesiseStage } from '../templates/synthesise-stage.ts';

const { values } = parseArgs({
  options: {
    stage: { type: 'string' },
    'orders-per-month': { type: 'string', default: '100000' },
    region: { type: 'string', default: 'us-east-1' },
  },
});
const orders = Number(values['orders-per-month']);
if (!Number.isSafeInteger(orders) || orders < 0) throw new Error('--orders-per-month must be a whole number');
const region = pricedRegions.find((name) => name === values.region);
if (region === undefined) throw new Error(`--region must be one of ${pricedRegions.join(', ')}`);
const settings = stageSettings(values.stage);
const work = mkdtempSync(join(tmpdir(), 'rowlock-cost-'));
try {
  const use = expectedUse(orders);
  let count = 0;
  const synthesise = (changed: typeof settings) => {
    count += 1;
    return synthesiseStage(changed, join(work, `${count}`));
  };
  const resources = synthesise(settings);
  const estimate = estimateCost(resources, use, region);
  const savings = savingsOf(estimate, { settings, resources, use, synthesise });
  console.log(costTable(estimate, { settings, orders, savings }));
} finally {
  rmSync(work, { recursive: true, force: true });
}
