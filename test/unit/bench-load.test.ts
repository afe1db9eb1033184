import { expect } from 'chai';
import { latencyHistogram } from '../bench/load/latency-histogram.ts';
import { seededRandom } from '../bench/load/seeded-random.ts';
import { zipfSampler } from '../bench/load/zipf-sampler.ts';

describe('the latency histogram', () => {
  it('gives quantiles that are exact below 256 µs and at most 0.8 % too high above', () => {
    const histogram = latencyHistogram();
    for (let value = 1; value <= 100; value += 1) histogram.record(value);
    expect([0.5, 0.99, 1].map((share) => histogram.quantile(share))).to.deep.equal([50, 99, 100]);

    for (const value of [255, 256, 257, 1000, 65_535, 1_234_567, 2 ** 31 - 1]) {
      const one = latencyHistogram();
      one.record(value);
      expect(one.quantile(0.5)).to.be.within(value, value * 1.008);
    }
  });

  it('agrees with sorting on values of several magnitudes', () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 20_000 }, () => Math.round(Math.exp(random() * 15)));
    const histogram = latencyHistogram();
    for (const value of values) histogram.record(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const exact = sorted[Math.ceil(share * sorted.length) - 1] as number;
      expect(histogram.quantile(share)).to.be.within(exact, exact * 1.008);
    }
  });

  it('can be serialised as buckets and merged', () => {
    const [a, b] = [latencyHistogram(), latencyHistogram()];
    a.record(10);
    b.record(3000);
    const sum = latencyHistogram(JSON.parse(JSON.stringify(a.buckets())));
    sum.add(b.buckets());
    expect(sum.count).to.equal(2);
    expect(sum.quantile(0.5)).to.equal(10);
    expect(sum.quantile(1)).to.be.within(3000, 3024);
  });

  it('clamps values outside its range to its bounds, and is 0 when empty', () => {
    const histogram = latencyHistogram();
    expect(histogram.quantile(0.99)).to.equal(0);
    histogram.record(-5);
    histogram.record(1e12);
    expect(histogram.quantile(0.5)).to.equal(0);
    expect(histogram.quantile(1)).to.be.at.least(2 ** 31 - 1);
  });
});

describe('the Zipf sampler', () => {
  const shares = (exponent: number): number[] => {
    const draw = zipfSampler(1000, exponent, seededRandom(1));
    const counts = Array.from({ length: 1000 }, () => 0);
    const draws = 200_000;
    for (let done = 0; done < draws; done += 1) {
      const place = draw();
      counts[place] = (counts[place] ?? 0) + 1;
    }
    return counts.map((count) => count / draws);
  };

  it('draws rank 1 of 1,000 at exponent 1 with frequency 1 / H(1000), rank 2 half as often', () => {
    const [first = 0, second = 0] = shares(1);
    expect(first).to.be.closeTo(1 / 7.4855, 0.003);
    expect(second).to.be.closeTo(first / 2, 0.003);
  });

  it('draws every rank equally often at exponent 0', () => {
    const all = shares(0);
    expect(Math.min(...all)).to.be.greaterThan(0.0005);
    expect(Math.max(...all)).to.be.lessThan(0.0015);
  });
});
