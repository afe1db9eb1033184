/** `npm run sale`: sells one product to a crowd and reports. See saleUsage. */
import type { DemoSaleLane } from '../../app/demo-sale/demo-sale.ts';
import { reasonOf, runCommand } from '../../scripts/run-command.ts';
import { openDemoShop, type DemoShop } from './demo-shop.ts';
import { holdSale } from './hold-sale.ts';
import type { PublishedSale } from './publish-sale.ts';
import { parseSaleOptions, saleUsage, type SaleOptions } from './sale-options.ts';
import { saleFigures, type SaleFigures } from './sale-outcome.ts';
import { saleReport, whole } from './sale-report.ts';
import { sellElsewhere } from './sell-elsewhere.ts';

const titles: Readonly<Record<DemoSaleLane['seller'], string>> = {
  rowlock: 'Rowlock',
  usual: 'the usual way',
};

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
  const { id, units, buyers, overMs } = options;
  const onStop = () => stopping.abort(new Error('stopped in the console'));
  const published = shop.publish({ id, units, buyers, overS: overMs / 1000, onStop });
  try {
    return await sellAtDemoShop(shop, options, published);
  } catch (error) {
    const state = stopping.signal.aborted ? 'stopped' : 'failed';
    await published.end({ state, audit: null, reason: reasonOf(error) });
    throw error;
  } finally {
    await shop.close();
  }
});

async function sellAtDemoShop(
  shop: DemoShop,
  options: SaleOptions,
  published: PublishedSale,
): Promise<number> {
  const sales = [await sellBy('rowlock', shop.url, { shop, options, published })];
  if (options.naive) {
    const naive = await shop.startNaive();
    try {
      sales.push(await sellBy('usual', naive.url, { shop, options, published }));
    } finally {
      await naive.stop();
    }
  }
  const { isClean, lines } = await shop.audit();
  // The checks that hold need no line each.
  const verdict = lines.filter((line) => !/^ok\b/.test(line));
  await published.end({ state: 'done', audit: { isClean, line: verdict.at(-1) ?? '' }, reason: null });
  console.log(['', ...saleReport(sales), '', ...verdict].join('\n'));
  const isRight = sales.every(({ oversold, untold }) => oversold === 0 && untold === 0);
  return isRight && isClean ? 0 : 1;
}

async function sellBy(
  seller: DemoSaleLane['seller'],
  url: string,
  { shop, options, published }: { shop: DemoShop; options: SaleOptions; published: PublishedSale },
): Promise<SaleFigures> {
  const { units, buyers, overMs } = options;
  const product = await shop.stock(units);
  const title = titles[seller];
  console.log(`${title}: ${whole(units)} × ${product.name}, ${whole(buyers)} buyers in ${overMs / 1000} s`);
  published.begin(seller, product);
  const outcome = await holdSale(shop, {
    seller: title,
    url,
    product,
    units,
    buyers,
    overMs,
    signal: stopping.signal,
    onProgress: (progress) => {
      published.progress(progress);
      const left = progress.left.at(-1)?.[1] ?? units;
      const answered = Object.values(progress.byCode).reduce((sum, count) => sum + count, 0);
      if (process.stdout.isTTY)
        process.stdout.write(`\r\x1b[K  ${whole(left)} left, ${whole(answered)} buyers answered`);
    },
  });
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  const figures = saleFigures(outcome);
  published.finish(figures);
  return figures;
}
