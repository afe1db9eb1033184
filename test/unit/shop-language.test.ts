import { expect } from 'chai';
import { shopLanguage, unspoken, wordsDue } from '../faults/history/shop-language.ts';
import { wordsOf } from '../faults/history/shop-words.ts';
import { missingWords } from '../faults/run/run-campaign.ts';
import { adminsAtWork } from './admin-breaks.ts';
import { apiDocument } from '../support/http/api-document.ts';
import { salesWithEdges } from './sale-breaks.ts';
import { soundHistory } from './sound-history.ts';

interface BodySchema {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Differences, for every route in the table, between the words of its document and those of the table. */
function differences(): string[] {
  const { paths } = apiDocument();
  return Object.entries(shopLanguage).flatMap(([kind, { method, path, fields, codes }]) => {
    const operation = paths[path]?.[method];
    if (operation === undefined) return [`${kind}: no route ${method} ${path}`];
    const body: BodySchema | undefined = operation.requestBody?.content['application/json'].schema;
    const isUnspoken = (word: string) => word in unspoken || `${kind} ${word}` in unspoken;
    const documented = [
      ...Object.keys(body?.properties ?? {}),
      ...Object.values(operation.responses).flatMap((response) => response['x-problem-codes'] ?? []),
    ].filter((word) => !isUnspoken(word));
    const due = new Set([...fields, ...codes.map((code) => code.split(':')[0] as string)]);
    return [
      ...documented.filter((word) => !due.has(word)).map((word) => `${kind}: ${word} is not in the table`),
      ...[...due]
        .filter((word) => !documented.includes(word))
        .map((word) => `${kind}: ${word} is in no document`),
    ];
  });
}

describe('the language of the fault campaign', () => {
  it('lists every field and code of the routes, except those omitted with a reason', () => {
    expect(differences()).to.deep.equal([]);
  });

  it('lists each word once', () => {
    expect(new Set(wordsDue).size).to.equal(wordsDue.length);
  });

  it('counts fields, responses and rejections of a history', () => {
    const words = wordsOf(soundHistory().lines);
    expect(words).to.include({
      'order items': 10,
      'order userCouponId': 1,
      'order done': 2,
      'order replayed': 2,
      'order unknown': 2,
      'order idempotency_key_reused': 1,
      'order expectedTotal right': 1,
      'cancel order_not_cancellable:already_cancelled': 1,
      'adjust-stock units added': 1,
      'claim-coupon coupon_sold_out': 1,
    });
  });

  it('counts operations of admins', () => {
    const draft = soundHistory();
    adminsAtWork(draft);
    expect(wordsOf(draft.lines)).to.include({
      'edit-coupon status': 2,
      'edit-coupon put back': 1,
      'create-coupon minimumOrder': 1,
      'create-product done': 1,
      'admin-cancel reason': 2,
    });
  });

  it('counts orders at the edges of sales', () => {
    const draft = soundHistory();
    salesWithEdges(draft);
    expect(wordsOf(draft.lines)).to.include({
      'order sale_not_open:ended': 1,
      'order in the first moments of a sale': 3,
      'order in the last moments of a sale': 3,
      'edit-product a bound left out': 1,
    });
  });

  it('reports which words a campaign has not used', () => {
    const all = Object.fromEntries(wordsDue.map((word) => [word, 1]));
    expect(missingWords([all])).to.deep.equal([]);
    const { 'order cart_empty': _, ...rest } = all;
    expect(missingWords([rest, {}])).to.deep.equal(['order cart_empty']);
    expect(missingWords([rest, { 'order cart_empty': 2 }])).to.deep.equal([]);
  });
});
