import { expect } from 'chai';
import { popularWindow } from '../../app/popular/popular-window.ts';

describe('the window of the popular products', () => {
  for (const now of ['2026-01-04T12:00:00.000Z', '2026-01-04T12:30:00.000Z', '2026-01-04T12:59:59.999Z']) {
    it(`is the 72 hours up to and including the current one, at ${now}`, () => {
      expect(popularWindow(Date.parse(now))).to.deep.equal({
        hours: { from: new Date('2026-01-01T13:00:00.000Z'), to: new Date('2026-01-04T12:00:00.000Z') },
        from: new Date('2026-01-01T13:00:00.000Z'),
        to: new Date('2026-01-04T13:00:00.000Z'),
      });
    });
  }
});
