/**
 * `npm run cost -- --stage minimal|production [--orders-per-month N]`: the bill of a month, estimated from the
 * templates that a synthesis makes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { costTable } from '../lib/cost/cost-table.ts';
import { estimateCost } from '../lib/cost/estimate-cost.ts';
import { expectedUse } from '../lib/cost/expected-use.ts';
import { stageSettings } from '../lib/stages.ts';
import { synthesiseStage } from './templates/synthesise-stage.ts';

const { values } = parseArgs({
  options: { stage: { type: 'string' }, 'orders-per-month': { type: 'string', default: '100000' } },
});
const orders = Number(values['orders-per-month']);
if (!Number.isSafeInteger(orders) || orders < 0) throw new Error('--orders-per-month is a whole number');
const settings = stageSettings(values.stage);
const work = mkdtempSync(join(tmpdir(), 'rowlock-cost-'));
try {
  const resources = synthesiseStage(settings, work);
  console.log(costTable(estimateCost(resources, expectedUse(orders)), { settings, orders }));
} finally {
  rmSync(work, { recursive: true, force: true });
}
