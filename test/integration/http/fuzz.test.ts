import { expect } from 'chai';
import { fuzzApp } from '../../fuzz/fuzz-app.ts';
import { fuzzLines } from '../../fuzz/fuzz-lines.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

/** The same requests in every run; `npm run fuzz` sends others. */
const SEED = 20_261_121;
const REQUESTS = 6000;
const HEAP_GROWTH_MAX_MB = 25;

describe('hostile requests', () => {
  const shop = useTestShop();

  it('are answered as documented, never with a 5xx, and leave nothing behind', async function () {
    const report = await fuzzApp({ shop, requests: REQUESTS, seed: SEED });
    for (const line of fuzzLines(report).slice(-4)) console.log(`      ${line}`);
    const shown = report.findings.map(
      ({ number, what, faults }) => `${number} ${what}: ${faults.join('; ')}`,
    );
    expect(shown.join('\n')).to.equal('');
    expect(report.memory.heapEnd - report.memory.heapWarm).to.be.lessThan(HEAP_GROWTH_MAX_MB);
  });
});
