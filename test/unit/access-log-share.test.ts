import { expect } from 'chai';
import { accessLogShare, type LoggedAnswer } from '../../app/http/server/access-log-share.ts';

const read: LoggedAnswer = { method: 'GET', status: 200, completed: true, durationMs: 5 };

describe('the share of requests that is logged', () => {
  it('is the configured share for successful reads', () => {
    for (const answer of [read, { ...read, method: 'HEAD' }, { ...read, status: 304 }]) {
      expect(accessLogShare(answer, 5, () => 0.049)).to.equal(5);
      expect(accessLogShare(answer, 5, () => 0.05)).to.equal(undefined);
      expect(accessLogShare(answer, 0, () => 0)).to.equal(undefined);
      expect(accessLogShare(answer, 100, () => 0.999)).to.equal(100);
    }
  });

  it('is 100 % for writes and for rejected, failed, aborted and slow requests', () => {
    const always: Partial<LoggedAnswer>[] = [
      { method: 'POST' },
      { method: 'DELETE', status: 204 },
      { status: 404 },
      { status: 429 },
      { status: 499, completed: false },
      { status: 503 },
      { completed: false },
      { durationMs: 1000 },
    ];
    for (const change of always) {
      expect(
        accessLogShare({ ...read, ...change }, 0, () => 0.5),
        JSON.stringify(change),
      ).to.equal(100);
    }
  });
});
