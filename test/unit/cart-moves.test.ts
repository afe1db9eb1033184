import { expect } from 'chai';
import { cartContradiction, type CartMove } from '../faults/check/cart-moves.ts';

/** Moves that were sent at the same moment and never answered. */
const unanswered = (count: number, does: CartMove['does']): CartMove[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `unanswered ${does.kind} ${index}`,
    fromMs: 10,
    toMs: Infinity,
    does,
  }));
const look = (value: number): CartMove => ({
  name: 'look',
  fromMs: 20,
  toMs: 30,
  does: { kind: 'is', value },
});

describe('the history of one cart line', () => {
  const outage = [
    ...unanswered(20, { kind: 'add', units: 1 }),
    ...unanswered(20, { kind: 'set', to: 0 }),
    ...unanswered(20, { kind: 'set', to: 3 }),
  ];

  it('explains any quantity that the unanswered requests can cause', () => {
    for (const value of [0, 1, 3, 20, 23])
      expect(cartContradiction([...outage, look(value)], [])).to.equal(undefined);
  });

  it('contradicts a larger quantity, however many requests are unanswered', () => {
    expect(cartContradiction([...outage, look(24)], [])?.name).to.equal('look');
  });

  it('allows a request to precede a Redis flush although its response came after it', () => {
    const moves: CartMove[] = [
      { name: 'put', fromMs: 10, toMs: 50, does: { kind: 'set', to: 2 } },
      { name: 'seen', fromMs: 12, toMs: 55, does: { kind: 'is', value: 2 } },
      { name: 'gone', fromMs: 60, toMs: 70, does: { kind: 'is', value: 0 } },
    ];
    expect(cartContradiction(moves, [{ fromMs: 30, toMs: 35 }])).to.equal(undefined);
    expect(cartContradiction(moves, [])?.name).to.equal('gone');
    const later = moves.map((move) => (move.name === 'gone' ? move : { ...move, fromMs: 40 }));
    expect(cartContradiction(later, [{ fromMs: 30, toMs: 35 }])?.name).to.equal('gone');
  });

  it('contradicts a unit that two orders bought and one request added', () => {
    const order = (name: string, fromMs: number): CartMove => ({
      name,
      fromMs,
      toMs: fromMs + 5,
      does: { kind: 'order', units: 1 },
    });
    const put: CartMove = { name: 'put', fromMs: 0, toMs: 5, does: { kind: 'add', units: 1 } };
    expect(cartContradiction([put, order('first', 10)], [])).to.equal(undefined);
    expect(cartContradiction([put, order('first', 10), order('second', 20)], [])?.name).to.equal('second');
  });
});
