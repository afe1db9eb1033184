/** `npm run sale`: sells one product to a crowd and reports. See saleUsage. */
import { runCommand } from '../../scripts/run-command.ts';
import { openDemoShop, type DemoShop } from './demo-shop.ts';
import { holdSale } from './hold-sale.ts';
import { parseSaleOptions, saleUsage, type SaleOptions } from './sale-options.ts';
import { saleFigures, type SaleFigures } from './sale-outcome.ts';
import { saleReport, whole } from './sale-report.ts';
import { sellElsewhere } from './sell-elsewhere.ts';

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort(new Error('stopped by Ctrl-C')));

await runCommand('sale', async () => {
  const options = parseSaleOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(saleUsage);
    return 0;
  }
  if (options.url !== undefined) return sellElsewhere(options.url, options, stopping.signal);
  const shop = await openDemoShop();
  try {
    return await sellAtDemoShop(shop, options);
  } finally {
    await shop.close();
  }
});

async function sellAtDemoShop(shop: DemoShop, options: SaleOptions): Promise<number> {
  const sales = [await sellBy(shop, options, 'Rowlock', shop.url)];
  if (options.naive) {
    const naive = await shop.startNaive();
    try {
      sales.push(await sellBy(shop, options, 'the usual way', naive.url));
    } finally {
      await naive.stop();
    }
  }
  const audit = await shop.audit();
  // The checks that hold need no line each.
  const verdict = audit.lines.filter((line) => !/^ok\b/.test(line));
  console.log(['', ...saleReport(sales), '', ...verdict].join('\n'));
  const isRight = sales.every(({ oversold, untold }) => oversold === 0 && untold === 0);
  return isRight && audit.isClean ? 0 : 1;
}

async function sellBy(
  shop: DemoShop,
  { units, buyers, overMs }: SaleOptions,
  seller: string,
  url: string,
): Promise<SaleFigures> {
  const product = await shop.stock(units);
  console.log(`${seller}: ${whole(units)} × ${product.name}, ${whole(buyers)} buyers in ${overMs / 1000} s`);
  let shown = '';
  const outcome = await holdSale(shop, {
    seller,
    url,
    product,
    units,
    buyers,
    overMs,
    signal: stopping.signal,
    onProgress: (left, answered) => {
      const line = `  ${whole(left)} left, ${whole(answered)} buyers answered`;
      if (process.stdout.isTTY && line !== shown) process.stdout.write(`\r\x1b[K${line}`);
      shown = line;
    },
  });
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  return saleFigures(outcome);
}
