import { expect } from 'chai';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';

describe('until', () => {
  it('returns what the probe found', async () => {
    let looks = 0;
    const found = await until('the third look', () => (++looks === 3 ? { looks } : undefined), {
      intervalMs: 1,
    });
    expect(found).to.deep.equal({ looks: 3 });
  });

  it('counts 0 and an empty string as found', async () => {
    expect(await until('a number', () => 0)).to.equal(0);
    expect(await until('a text', () => '')).to.equal('');
  });

  it('reports what it waited for and the last value', async () => {
    const failure = await until('the moon', () => false, { timeoutMs: 5, intervalMs: 1 }).catch(String);
    expect(failure).to.match(/waited \d+ ms for: the moon; last seen \(look \d+\): false/);
  });

  it('waits beyond its limit while there is progress, and fails without any', async () => {
    let steps = 0;
    const startMs = performance.now();
    const limitMs = onThisMachine(60);
    const options = { timeoutMs: 60, intervalMs: limitMs / 3, progress: () => steps };
    await until('ten steps', () => ++steps === 10, options);
    expect(performance.now() - startMs).to.be.greaterThan(limitMs);
    const failure = await until('an eleventh step', () => false, options).catch(String);
    expect(failure).to.match(/waited \d+ ms for: an eleventh step/);
  });

  it('waits while the probe throws, and reports the error at the end', async () => {
    const probe = () => {
      throw new Error('not there');
    };
    const failure = await until('a file', probe, { timeoutMs: 5, intervalMs: 1 }).catch(String);
    expect(failure).to.contain('it threw not there');
  });
});
