/** `npm run cost`: estimates the monthly bill from the synthesised templates. See usage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { costTable } from '../../lib/cost/cost-table.ts';
import { estimateCost } from '../../lib/cost/estimate-cost.ts';
import { expectedUse } from '../../lib/cost/expected-use.ts';
import { savingsOf } from '../../lib/cost/levers.ts';
import type { MonthlyUse } from '../../lib/cost/cost-item.ts';
import type { LivePrices } from '../../lib/cost/find-live-price.ts';
import { type PricedRegion, pricedRegions } from '../../lib/cost/price-list.ts';
import { clusterSettings } from '../../lib/settings/cluster-settings.ts';
import { deploymentShapes } from '../../lib/settings/deployment-shape.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { runCommand } from '../run-command.ts';
import { synthesiseCluster } from '../templates/synthesise-cluster.ts';
import { synthesiseStage } from '../templates/synthesise-stage.ts';
import { type LivePriceReport, readLivePrices } from './read-live-prices.ts';

const usage = `usage: npm run cost -- [--stage ${stageNames.join('|')}] [--region ${pricedRegions.join('|')}]
                       [--shape ${deploymentShapes.join('|')}] [--orders-per-month N] [--live]

Prints what a month costs, line by line, what each lever would save, and where the prices come from.
Each option defaults to the first of its values, and the orders to 100,000.

  --live   ask the AWS Price List API for today's prices, with your AWS credentials (pricing:GetProducts);
           prices that it does not have stay those of lib/cost/price-list.ts and are named
`;

await runCommand('cost', main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stage: { type: 'string', default: stageNames[0] },
      shape: { type: 'string', default: 'instances' },
      'orders-per-month': { type: 'string', default: '100000' },
      region: { type: 'string', default: 'us-east-1' },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stage = oneOf('stage', stageNames, values.stage);
  const shape = oneOf('shape', deploymentShapes, values.shape);
  const region = oneOf('region', pricedRegions, values.region);
  // Number() would also read "", " 5 " and "0x10".
  if (!/^[0-9]{1,12}$/.test(values['orders-per-month'])) {
    throw new Error('--orders-per-month must be a whole number of at most 12 digits');
  }
  const orders = Number(values['orders-per-month']);
  const report = values.live ? await readLivePrices(region) : undefined;
  const work = mkdtempSync(join(tmpdir(), 'rowlock-cost-'));
  try {
    const use = expectedUse(orders);
    const table =
      shape === 'cluster'
        ? await clusterTable(stage, work, { orders, use, region, live: report?.prices })
        : instancesTable(stage, work, { orders, use, region, live: report?.prices });
    console.log(table);
    if (report !== undefined) console.log(reportText(report));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return 0;
}

function oneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} must be one of ${names.join(', ')}`);
  return found;
}

interface TableOptions {
  readonly orders: number;
  readonly use: MonthlyUse;
  readonly region: PricedRegion;
  readonly live: LivePrices | undefined;
}

/** With what each lever would save. */
function instancesTable(stage: string, work: string, { orders, use, region, live }: TableOptions): string {
  const settings = stageSettings(stage);
  let count = 0;
  const synthesise = (changed: StageSettings) => {
    count += 1;
    return synthesiseStage(changed, join(work, `${count}`));
  };
  const resources = synthesise(settings);
  const estimate = estimateCost(resources, use, region, live);
  const savings = savingsOf(estimate, { settings, resources, use, synthesise });
  return costTable(estimate, { settings, orders, savings });
}

async function clusterTable(
  stage: string,
  work: string,
  { orders, use, region, live }: TableOptions,
): Promise<string> {
  const settings = clusterSettings(stage);
  const resources = await synthesiseCluster(settings, work);
  return costTable(estimateCost(resources, use, region, live), { settings: settings.shared, orders });
}

function reportText({ prices, notUsed }: LivePriceReport): string {
  const live = Object.keys(prices).length;
  const sum = `${live} of ${live + notUsed.length} prices are live, from the AWS Price List API`;
  if (notUsed.length === 0) return `\n${sum}.`;
  const lines = notUsed.map(({ name, reason }) => `- ${name}: ${reason}`);
  return [`\n${sum}. These are not, and stay as in lib/cost/price-list.ts:`, ...lines].join('\n');
}
