import { expect } from 'chai';
import { createSingleFlight } from '../../app/platform/load/single-flight.ts';

describe('single flight', () => {
  /** Work that ends when the test ends it. */
  const workUnderTest = () => {
    const runs: PromiseWithResolvers<string>[] = [];
    const flight = createSingleFlight(() => {
      const run = Promise.withResolvers<string>();
      runs.push(run);
      return run.promise;
    });
    return { runs, flight };
  };

  it('returns the same result to all callers of one run', async () => {
    const { runs, flight } = workUnderTest();
    const results = [flight.run(), flight.run()];
    expect(runs).to.have.lengthOf(1);
    runs[0]?.resolve('first');
    expect(await Promise.all(results)).to.deep.equal(['first', 'first']);
  });

  it('starts a new run after the previous one, even if that failed', async () => {
    const { runs, flight } = workUnderTest();
    const failing = flight.run();
    expect(flight.running()).to.equal(failing);
    runs[0]?.reject(new Error('no'));
    expect(await failing.catch(String)).to.equal('Error: no');
    expect(flight.running()).to.equal(undefined);
    const second = flight.run();
    runs[1]?.resolve('second');
    expect(await second).to.equal('second');
  });
});
