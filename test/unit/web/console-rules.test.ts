import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { contradictionsOf, type OrderTrace } from '../../../app/web/console/orders/order.ts';
import { kindOf, queryOf, readFilters, searchOf } from '../../../app/web/console/orders/order-filters.ts';
import { sectionOf } from '../../../app/web/console/runbook/parse-runbook.ts';
import { runbookHeadings } from '../../../app/web/console/runbook/runbook-headings.ts';
import { nothingWatched, rateOf, soldOutAfterMs, watched } from '../../../app/web/console/sale/burn-down.ts';

const top = join(import.meta.dirname, '../../..');

describe('a sale that the console watches', () => {
  const after = (...stocks: readonly number[]) =>
    stocks.reduce(
      (burnDown, stock, second) => watched(burnDown, { atMs: second * 1000, stock }),
      nothingWatched,
    );

  it('counts what left, and what was added', () => {
    expect(after(100)).to.include({ units: 100, sold: 0, raised: 0 });
    expect(after(100, 60, 60, 90, 0)).to.include({ units: 130, sold: 130, raised: 30 });
  });

  it('has a rate once it was watched for five seconds', () => {
    expect(rateOf(nothingWatched)).to.equal(undefined);
    expect(rateOf(after(100, 90, 80, 70, 60))).to.equal(undefined);
    expect(rateOf(after(100, 90, 80, 70, 60, 50))).to.equal(10);
    expect(rateOf(after(0, 0, 0, 0, 0, 0, 50))).to.equal(0);
  });

  it('is sold out from the first sample without stock, if it began with some', () => {
    expect(soldOutAfterMs(after(5, 3, 0, 0))).to.equal(2000);
    expect(soldOutAfterMs(after(5, 0, 2, 0))).to.equal(3000);
    expect(soldOutAfterMs(after(5, 3))).to.equal(undefined);
    expect(soldOutAfterMs(after(0, 0))).to.equal(undefined);
  });

  it('keeps an hour of samples', () => {
    expect(after(...Array.from({ length: 3700 }, (_, index) => 4000 - index)).samples).to.have.lengthOf(3600);
  });
});

describe('the search for orders', () => {
  const order = '01a22b52-ba17-77ad-8960-7e2d243065a4';
  const key = '7f0c1a52-ba17-47ad-8960-7e2d243065a4';

  it('recognises what was pasted', () => {
    expect(kindOf('a@example.com', 'key')).to.equal('email');
    expect(kindOf(order, 'email')).to.equal('orderId');
    expect(kindOf(order, 'productId')).to.equal('productId');
    expect(kindOf(key, 'email')).to.equal('key');
    expect(kindOf('c7-5512', 'key')).to.equal('key');
  });

  it('is in the address, and ignores what it does not know', () => {
    const filters = {
      by: 'email',
      value: 'a+b@example.com',
      status: 'CANCELLED',
      day: '2026-11-30',
    } as const;
    const search = searchOf(filters);
    expect(readFilters(Object.fromEntries(new URLSearchParams(search)))).to.deep.equal(filters);
    expect(searchOf({ ...filters, value: '', status: '', day: '' })).to.equal('');
    expect(readFilters({ status: 'LOST', colour: 'red' })).to.deep.equal({
      by: 'email',
      value: '',
      status: '',
      day: '',
    });
    expect(queryOf(filters)).to.deep.equal({
      email: 'a+b@example.com',
      status: 'CANCELLED',
      day: '2026-11-30',
    });
  });
});

describe('the records of an order', () => {
  const at = '2026-11-30T12:04:31.204Z';
  const trace = {
    items: [{ productId: 'p', name: 'Vase', unitPrice: 500, quantity: 2, stockSeq: 7 }],
    subtotal: 1000,
    discount: 100,
    total: 900,
    ledger: [{ seq: 3, kind: 'PAYMENT', amount: -900, balanceAfter: 100, createdAt: at }],
    stockChanges: [{ productId: 'p', kind: 'SALE', seq: 7, delta: -2, stockAfter: 8, createdAt: at }],
  } as unknown as OrderTrace;

  it('add up', () => {
    expect(contradictionsOf(trace)).to.deep.equal([]);
    const free = { ...trace, discount: 1000, total: 0, ledger: [] };
    expect(contradictionsOf(free)).to.deep.equal([]);
  });

  it('contradict each other where one of them differs', () => {
    expect(contradictionsOf({ ...trace, subtotal: 1001, total: 901 })).to.deep.equal(['subtotal', 'payment']);
    expect(contradictionsOf({ ...trace, discount: 0 })).to.deep.equal(['total']);
    expect(contradictionsOf({ ...trace, ledger: [] })).to.deep.equal(['payment']);
    expect(contradictionsOf({ ...trace, stockChanges: [] })).to.deep.equal(['stock']);
    const [change] = trace.stockChanges;
    if (change === undefined) throw new Error('no change');
    for (const wrong of [{ delta: -3 }, { seq: 8 }, { productId: 'q' }])
      expect(contradictionsOf({ ...trace, stockChanges: [{ ...change, ...wrong }] })).to.deep.equal([
        'stock',
      ]);
  });
});

describe('the runbook in the console', () => {
  const markdown = readFileSync(join(top, 'docs/runbook.md'), 'utf8');

  it('has every heading that the console leads to', () => {
    for (const heading of runbookHeadings)
      expect(sectionOf(markdown, heading), heading).to.have.lengthOf.at.least(1);
    expect(sectionOf(markdown, 'nowhere')).to.equal(undefined);
  });

  it('shows paragraphs, lists and commands, and ends before the next heading', () => {
    const text =
      '### one\n\n**Do.** Run `a b`, see\n[the page](x.md).\n\n- first\n  line\n- second\n\n' +
      '```sh\nx -y\n```\n\n### two\n\nno';
    expect(sectionOf(text, 'one')).to.deep.equal([
      {
        kind: 'paragraph',
        spans: [
          { kind: 'strong', text: 'Do.' },
          { kind: 'text', text: ' Run ' },
          { kind: 'code', text: 'a b' },
          { kind: 'text', text: ', see the page.' },
        ],
      },
      {
        kind: 'list',
        items: [[{ kind: 'text', text: 'first line' }], [{ kind: 'text', text: 'second' }]],
      },
      { kind: 'code', text: 'x -y' },
    ]);
  });
});
