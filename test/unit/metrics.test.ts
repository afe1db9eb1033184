import { expect } from 'chai';
import * as fc from 'fast-check';
import { createDistribution } from '../../app/platform/observe/distribution.ts';
import { createMetrics } from '../../app/platform/observe/metrics.ts';
import { wireMetrics } from '../../app/wiring/metrics.ts';
import { checkProperty } from '../support/check-property.ts';
import { formatFaults, type MetricLine } from '../support/observe/embedded-metric-format.ts';

describe('metrics', () => {
  const setUp = () => {
    const lines: string[] = [];
    const metrics = createMetrics<'Sold' | 'Size' | 'Queue' | 'Elsewhere'>({
      namespace: 'Test',
      units: { Sold: 'Count', Size: 'Count', Queue: 'Count' },
      dimensions: { Stage: 'test', Role: 'api' },
      nowMs: () => 1_772_000_000_000,
      write: (line) => lines.push(line),
    });
    return { metrics, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as MetricLine };
  };

  it('are written as one line in the embedded metric format', async () => {
    const { metrics, lines } = setUp();
    metrics.counter('Sold')(3);
    metrics.distribution('Size')(7);
    metrics.gauge('Queue', async () => 2);
    await metrics.flush();
    expect(lines.map((line) => formatFaults(line))).to.deep.equal([[]]);
    expect(JSON.parse(lines[0] ?? '')).to.deep.equal({
      _aws: {
        Timestamp: 1_772_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Test',
            Dimensions: [['Stage', 'Role']],
            Metrics: [
              { Name: 'Sold', Unit: 'Count' },
              { Name: 'Size', Unit: 'Count' },
              { Name: 'Queue', Unit: 'Count' },
            ],
          },
        ],
      },
      event: 'metrics',
      Stage: 'test',
      Role: 'api',
      Sold: 3,
      Size: [7],
      Queue: 2,
    });
  });

  it('restart with every line: an unused count is 0, an empty distribution is omitted', async () => {
    const { metrics, last } = setUp();
    const sold = metrics.counter('Sold');
    sold();
    sold();
    metrics.distribution('Size')(1);
    await metrics.flush();
    expect(last()).to.deep.include({ Sold: 2, Size: [1] });
    await metrics.flush();
    expect(last()).to.deep.include({ Sold: 0 });
    expect(last()).not.to.have.property('Size');
  });

  it('reduce many values to as many as the format allows', async () => {
    const { metrics, lines, last } = setUp();
    const size = metrics.distribution('Size');
    for (let value = 1; value <= 1000; value += 1) size(value);
    await metrics.flush();
    expect(lines.flatMap((line) => formatFaults(line))).to.deep.equal([]);
    expect(last().Size).to.have.lengthOf(100).and.to.include(1000);
  });

  it('omit what could not be sampled, and keep the rest', async () => {
    const { metrics, last, lines } = setUp();
    metrics.counter('Sold')();
    for (const sample of [
      () => Promise.reject(new Error('no')),
      async () => undefined,
      async () => Number.NaN,
    ]) {
      metrics.gauge('Queue', sample);
      await metrics.flush();
      expect(formatFaults(lines.at(-1) ?? '')).to.deep.equal([]);
      expect(last()).to.have.property('Sold');
      expect(last()).not.to.have.property('Queue');
    }
  });

  it('are discarded for a role that does not report them', async () => {
    const { metrics, last } = setUp();
    metrics.counter('Sold')();
    metrics.counter('Elsewhere')();
    metrics.gauge('Elsewhere', async () => 1);
    await metrics.flush();
    expect(last()).not.to.have.property('Elsewhere');
  });

  it('of the shop follow the format in every role, with only Stage and Role as dimensions', async () => {
    for (const roles of [
      ['api'],
      ['worker'],
      ['data-platform'],
      ['api', 'worker', 'data-platform'],
    ] as const) {
      const lines: string[] = [];
      const { metrics, onGroup, onAnswered, onShed, sampleBacklog } = wireMetrics({
        stage: 'test',
        roles,
        nowMs: Date.now,
        write: (line) => lines.push(line),
      });
      onGroup([
        { code: 'idempotency_key_reused' },
        { code: 'out_of_stock', productId: 'x', requested: 2, available: 1 },
      ]);
      onAnswered({ status: 503, code: 'busy_retry', durationMs: 3 });
      onAnswered({ status: 503, code: 'dependency_unavailable', durationMs: 3 });
      onShed();
      sampleBacklog(async () => ({ events: 3, oldestAgeMs: 1500 }));
      metrics.gauge('DatabaseWaiting', async () => 0);
      await metrics.flush();
      const [line = ''] = lines;
      expect(formatFaults(line)).to.deep.equal([]);
      const parsed = JSON.parse(line) as MetricLine;
      expect(parsed._aws.CloudWatchMetrics[0]?.Dimensions).to.deep.equal([['Stage', 'Role']]);
      expect(parsed.Role).to.equal(roles.join('+'));
      const isOf = (role: string) => (roles as readonly string[]).includes(role);
      const {
        OrdersRejectedOutOfStock,
        RequestsShed,
        HttpServerErrors,
        HttpRequests,
        OutboxRows,
        OutboxOldestAge,
      } = parsed;
      expect([OrdersRejectedOutOfStock, RequestsShed, HttpServerErrors, HttpRequests]).to.deep.equal(
        isOf('api') ? [1, 2, 1, 3] : [undefined, undefined, undefined, undefined],
      );
      expect([OutboxRows, OutboxOldestAge]).to.deep.equal(isOf('worker') ? [3, 1.5] : [undefined, undefined]);
    }
  });
});

describe('a distribution', () => {
  it('clamps values outside its range to the nearer bound', () => {
    const distribution = createDistribution();
    // A clock that was set back makes durations negative.
    for (const value of [-60_738, -0.5, Number.NaN, 2 ** 40]) distribution.record(value);
    expect(distribution.take(4)).to.deep.equal([0, 0, 0, 2 ** 31]);
  });

  it('represents its values by evenly spaced ranks that end with the maximum', () => {
    const distribution = createDistribution();
    for (let value = 1; value <= 10_000; value += 1) distribution.record(value);
    const values = distribution.take(100);
    expect(values).to.have.lengthOf(100);
    expect(values.at(-1)).to.equal(10_000);
    expect(values[49]).to.be.closeTo(4950, 4950 * 0.01);
    expect(values[98]).to.be.closeTo(9850, 9850 * 0.01);
    expect(distribution.take(100)).to.deep.equal([]);
  });

  it('contains as many values as were recorded, up to the limit, each within 1 %', async () => {
    await checkProperty(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 300 }),
        (given) => {
          const distribution = createDistribution();
          for (const value of given) distribution.record(value);
          const taken = distribution.take(100);
          const sorted = given.toSorted((a, b) => a - b);
          expect(taken).to.have.lengthOf(Math.min(100, given.length));
          expect(taken.at(-1)).to.equal(sorted.at(-1));
          for (const [index, value] of taken.slice(0, -1).entries()) {
            const rank = Math.ceil(((index + 0.5) / taken.length) * given.length) - 1;
            expect(value).to.be.closeTo(sorted[rank] as number, (sorted[rank] as number) * 0.01);
          }
        },
      ),
    );
  });
});
