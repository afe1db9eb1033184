import { expect } from 'chai';
import { checkHistory, rules } from '../faults/check/check-history.ts';
import { answerBreaks } from '../support/answer-breaks.ts';
import { replaceAnswer } from '../support/edit-history.ts';
import { type HistoryDraft, soundHistory, soundOps } from '../support/sound-history.ts';
import { stateBreaks } from '../support/state-breaks.ts';

const historyBreaks = [...answerBreaks, ...stateBreaks];

const check = ({ lines, state }: HistoryDraft) => checkHistory(lines, state);

describe('the checker of the fault runs', () => {
  it('finds nothing wrong with a history in which nothing is wrong', () => {
    expect(check(soundHistory())).to.deep.equal([]);
  });

  it('finds nothing wrong with a request that was acknowledged and, sent again, not read in time', () => {
    const draft = soundHistory();
    const op = soundOps.orderReplayed;
    replaceAnswer(draft, op, { type: 'fail', op, atMs: 30, status: 408, code: 'request_timeout' });
    expect(check(draft)).to.deep.equal([]);
  });

  for (const { title, seenBy, make } of historyBreaks) {
    it(`sees that ${title}`, () => {
      const draft = soundHistory();
      make(draft);
      const violations = check(draft);
      expect(
        [...new Set(violations.map(({ rule }) => rule))],
        JSON.stringify(violations, null, 1),
      ).to.deep.equal(seenBy);
    });
  }

  it('has no rule that nothing breaks', () => {
    const seen = new Set<string>(historyBreaks.flatMap(({ seenBy }) => seenBy));
    expect([...seen].toSorted()).to.deep.equal([...Object.keys(rules), 'well-formed'].toSorted());
  });

  it('names the operation and what contradicts it', () => {
    const draft = soundHistory();
    const order = draft.state.orders.find(({ key }) => key === 'k4');
    if (order !== undefined) order.totalKrw = 99;
    const [violation] = check(draft);
    expect(violation?.key).to.equal('order 01900000-0000-7000-8000-000000000102 k4');
    expect(violation?.detail).to.match(/^order 01900000-.*404: \/total is 99 and was acknowledged as 100$/);
  });
});
