import { expect } from 'chai';
import { backOffMaxMs, backOffMs } from '../../app/platform/load/back-off.ts';

describe('back-off', () => {
  const backOff = { firstMs: 400, maxMs: 10_000 };

  it('doubles the upper bound of the delay with each failure, up to the maximum', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 1_000_000].map((failures) => backOffMaxMs(backOff, failures));
    expect(delays).to.deep.equal([0, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  });

  it('spreads delays between the minimum and the upper bound', () => {
    const delayAt = (random: number) => backOffMs({ ...backOff, leastMs: 100 }, 2, () => random);
    expect([0, 0.5, 1].map(delayAt)).to.deep.equal([100, 500, 900]);
  });

  it('does not wait before the first failure', () => {
    expect(backOffMs({ ...backOff, leastMs: 100 }, 0, () => 0.9)).to.equal(0);
  });
});
