import { expect } from 'chai';
import { permits } from '../../app/platform/load/permits.ts';

describe('permits', () => {
  it('grants turns at once while there are some, then in order of arrival', async () => {
    const turns = permits({ turnsMax: 1, waitingMax: 5 });
    expect(await turns.take(10)).to.equal(true);
    const order: string[] = [];
    const waiting = ['a', 'b'].map(async (name) => {
      if (await turns.take(1000)) order.push(name);
    });
    turns.give();
    turns.give();
    await Promise.all(waiting);
    expect(order).to.deep.equal(['a', 'b']);
  });

  it('turns away whoever finds the queue full', async () => {
    const turns = permits({ turnsMax: 1, waitingMax: 1 });
    await turns.take(10);
    const waiting = turns.take(1000);
    expect(await turns.take(1000)).to.equal(false);
    turns.give();
    expect(await waiting).to.equal(true);
  });

  it('forgets who has waited too long, so that its turn goes to somebody who is still there', async () => {
    const turns = permits({ turnsMax: 1, waitingMax: 2 });
    await turns.take(10);
    expect(await turns.take(5)).to.equal(false);
    const patient = turns.take(1000);
    turns.give();
    expect(await patient).to.equal(true);
    turns.give();
    expect(await turns.take(10)).to.equal(true);
  });
});
