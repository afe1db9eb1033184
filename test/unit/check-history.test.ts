import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { checkHistory, rules } from '../faults/check/check-history.ts';
import { adminBreaks, adminsAtWork } from './admin-breaks.ts';
import { answerBreaks } from './answer-breaks.ts';
import { replaceAnswer } from './edit-history.ts';
import { editedProduct, languageBreaks, orderFromCart } from './language-breaks.ts';
import { saleBreaks, salesWithEdges } from './sale-breaks.ts';
import { type HistoryDraft, soundHistory, soundOps } from './sound-history.ts';
import { stateBreaks } from './state-breaks.ts';

const historyBreaks = [...answerBreaks, ...stateBreaks, ...languageBreaks, ...adminBreaks, ...saleBreaks];

const check = ({ lines, state }: HistoryDraft) => checkHistory(lines, state);

describe('the checker of the fault runs', () => {
  it('accepts a correct history', () => {
    expect(check(soundHistory())).to.deep.equal([]);
  });

  it('accepts an order from a cart and an edit of a product', () => {
    const draft = soundHistory();
    orderFromCart(draft);
    editedProduct(draft);
    expect(check(draft)).to.deep.equal([]);
  });

  it('accepts what admins create, edit, stop and cancel', () => {
    const draft = soundHistory();
    adminsAtWork(draft);
    expect(check(draft)).to.deep.equal([]);
  });

  it('accepts orders and edits at the edges of sales', () => {
    const draft = soundHistory();
    salesWithEdges(draft);
    expect(check(draft)).to.deep.equal([]);
  });

  it('imports nothing from the app, directly or indirectly', () => {
    const seen = new Set<string>();
    const waiting = [join(import.meta.dirname, '../faults/check/check-history.ts')];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
        waiting.push(join(dirname(file), path as string));
      }
    }
    expect(seen.size).to.be.greaterThan(30);
    expect([...seen].filter((file) => !file.includes('/test/faults/'))).to.deep.equal([]);
  });

  it('accepts an acknowledged request whose repetition got no response in time', () => {
    const draft = soundHistory();
    const op = soundOps.orderReplayed;
    replaceAnswer(draft, op, { type: 'fail', op, atMs: 30, status: 408, code: 'request_timeout' });
    expect(check(draft)).to.deep.equal([]);
  });

  for (const { title, seenBy, make } of historyBreaks) {
    it(`detects: ${title}`, () => {
      const draft = soundHistory();
      make(draft);
      const violations = check(draft);
      expect(
        [...new Set(violations.map(({ rule }) => rule))],
        JSON.stringify(violations, null, 1),
      ).to.deep.equal(seenBy);
    });
  }

  it('has a violation for every rule', () => {
    const seen = new Set<string>(historyBreaks.flatMap(({ seenBy }) => seenBy));
    expect([...seen].toSorted()).to.deep.equal([...Object.keys(rules), 'well-formed'].toSorted());
  });

  it('names the operation and the contradiction', () => {
    const draft = soundHistory();
    const order = draft.state.orders.find(({ key }) => key === 'k4');
    if (order !== undefined) order.totalKrw = 99;
    const [violation] = check(draft);
    expect(violation?.key).to.equal('order 01900000-0000-7000-8000-000000000102 k4');
    expect(violation?.detail).to.match(/^order 01900000-.*404: \/total is 99 and was acknowledged as 100$/);
  });
});
