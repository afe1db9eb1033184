import { expect } from 'chai';
import {
  axisEnd,
  curvePoints,
  type DemoSale,
  refusals,
  shownState,
} from '../../../app/web/console/demo-sale/demo-sale.ts';
import { demoSaleOf } from '../../support/browser/demo-sale-of.ts';

const sale: DemoSale = demoSaleOf('a-product');
const [fast, slow] = sale.lanes as [DemoSale['lanes'][number], DemoSale['lanes'][number]];

describe('the curves of a demo sale', () => {
  it('share a time axis that ends a little after the last unit was sold', () => {
    // The slow lane last changed after 700 ms; what follows are refusals.
    expect(axisEnd(sale.lanes)).to.be.closeTo(770, 1e-6);
    expect(axisEnd([fast]), 'at least half a second').to.equal(500);
  });

  it('hold each number until the next, from all units at the top to none at the bottom', () => {
    const points = curvePoints(fast.left, { units: 100, endMs: 1000, width: 100, height: 50 });
    expect(points).to.equal('0.0,0.0 12.0,0.0 12.0,30.0 18.0,30.0 18.0,50.0 90.0,50.0 90.0,50.0');
  });

  it('end at the edge of the axis', () => {
    const points = curvePoints(fast.left, { units: 100, endMs: 500, width: 100, height: 50 });
    expect(points.split(' ').at(-1)).to.equal('100.0,50.0');
  });
});

describe('a demo sale', () => {
  it('is silent once an open one has not reported for 15 seconds', () => {
    const at = Date.parse(sale.updatedAt);
    const running = { ...sale, state: 'running' as const };
    expect(shownState(running, at + 15_000)).to.equal('running');
    expect(shownState(running, at + 15_001)).to.equal('silent');
    expect(shownState(sale, at + 60_000)).to.equal('done');
  });

  it('lists refusals, the most frequent first', () => {
    expect(refusals({ ...slow, byCode: { placed: 9, a: 1, b: 2 } })).to.deep.equal([
      ['b', 2],
      ['a', 1],
    ]);
  });
});
