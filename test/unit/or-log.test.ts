import { expect } from 'chai';
import type { Log } from '../../app/platform/observe/log.ts';
import { logFailure } from '../../app/platform/observe/log-failure.ts';
import { orLog } from '../../app/platform/observe/or-log.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';

describe('failures that are only logged', () => {
  const logged: unknown[] = [];
  const log = Object.fromEntries(
    ['warn', 'error'].map((level) => [
      level,
      (event: string, fields: object) => logged.push({ level, event, ...fields }),
    ]),
  ) as unknown as Log;
  const outage = new OperationalError('dependency_unavailable', 'Redis failed', {
    cause: new Error('closed'),
  });
  const bug = new TypeError('a bug');
  beforeEach(() => logged.splice(0));

  it('orLog returns the result of work that succeeds', async () => {
    expect(await orLog(async () => 7, { log, event: 'failed', otherwise: 0 })).to.equal(7);
    expect(logged).to.deep.equal([]);
  });

  it('orLog logs an operational error and returns the other value', async () => {
    const work = () => Promise.reject(outage);
    expect(
      await orLog<number>(work, { log, event: 'failed', fields: { userId: 'u' }, otherwise: 0 }),
    ).to.equal(0);
    expect(logged).to.deep.equal([
      { level: 'warn', event: 'failed', userId: 'u', reason: 'Redis failed; closed' },
    ]);
  });

  it('orLog throws every other error', async () => {
    const outcome = orLog(() => Promise.reject(bug), { log, event: 'failed' }).catch(
      (error: unknown) => error,
    );
    expect(await outcome).to.equal(bug);
    expect(logged).to.deep.equal([]);
  });

  it('logFailure distinguishes an outage from a bug', () => {
    for (const error of [outage, bug]) {
      logFailure(error, { log, failed: 'work_failed', crashed: 'work_crashed', fields: { failures: 2 } });
    }
    expect(logged).to.deep.equal([
      { level: 'warn', event: 'work_failed', failures: 2, reason: 'Redis failed; closed' },
      { level: 'error', event: 'work_crashed', failures: 2, error: bug },
    ]);
  });
});
