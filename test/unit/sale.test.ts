import { expect } from 'chai';
import { parseSaleOptions } from '../sale/sale-options.ts';
import { saleFigures, type SaleOutcome } from '../sale/sale-outcome.ts';
import { saleReport } from '../sale/sale-report.ts';

const answer = (code: string, answeredAtMs: number, latencyMs = 10) => ({ code, answeredAtMs, latencyMs });

/** Two of two units sold to three buyers, the second after 400 ms. */
const outcome: SaleOutcome = {
  seller: 'Rowlock',
  units: 2,
  answers: [answer('placed', 100), answer('placed', 400, 90), answer('out_of_stock', 1000, 20)],
  retries: 1,
  durationMs: 1000,
  leftAfter: 0,
  recorded: 2,
};

describe('the figures of a sale', () => {
  it('are counted from the answers and from what was recorded', () => {
    expect(saleFigures(outcome)).to.deep.equal({
      seller: 'Rowlock',
      units: 2,
      placed: 2,
      oversold: 0,
      untold: 0,
      soldOutAfterMs: 400,
      placedPerS: 5,
      answersPerS: 3,
      placedP99Ms: 90,
      allP99Ms: 90,
      refusals: { out_of_stock: 1 },
      retries: 1,
      durationMs: 1000,
      leftAfter: 0,
    });
  });

  for (const [title, change, oversold, untold] of [
    ['an order that nobody was told of and that had no unit', { recorded: 3 }, 1, 1],
    ['a unit that was sold and is still in stock', { leftAfter: 1 }, 1, 0],
    ['an order that was told and not recorded', { recorded: 1 }, 0, 1],
  ] as const) {
    it(`show ${title}`, () => {
      expect(saleFigures({ ...outcome, ...change })).to.include({ oversold, untold });
    });
  }

  it('say of a sale with units left that it is not sold out', () => {
    const figures = saleFigures({ ...outcome, units: 5, leftAfter: 3 });
    expect(figures).to.include({ soldOutAfterMs: undefined, oversold: 0 });
    expect(saleReport([figures]).join('\n')).to.match(/sold out after +not sold out/);
  });
});

describe('the options of npm run sale', () => {
  for (const [option, message] of [
    ['--buyers=0', '--buyers must be a whole number from 1 to 100000'],
    ['--units=many', '--units must be a whole number from 1 to 1000000'],
    ['--over=601', '--over must be a whole number from 0 to 600'],
    ['--url=shop', '--url must be an address such as https://shop.example'],
    ['--url=localhost:3000', '--url must be an address such as https://shop.example'],
    ['--url=http://shop.example', 'http:// is for this machine'],
    ['--url=http://127.0.0.1.shop.example', 'http:// is for this machine'],
  ] as const) {
    it(`reject ${option}`, () => {
      expect(() => parseSaleOptions([option])).to.throw(message);
    });
  }

  for (const url of ['https://shop.example', 'http://127.0.0.1:3000', 'http://localhost:3000/']) {
    it(`accept --url=${url}`, () => {
      expect(parseSaleOptions([`--url=${url}`]).url).to.equal(url.replace(/\/$/, ''));
    });
  }

  it('reject the naive server at another shop, whose database is out of reach', () => {
    expect(() => parseSaleOptions(['--url=https://shop.example', '--naive'])).to.throw('--naive needs');
  });
});
