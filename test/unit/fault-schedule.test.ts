import { expect } from 'chai';
import { allFaults, allFaultsOnKafka } from '../faults/run/faults/all-faults.ts';
import { brokersOf, scheduleOf } from '../faults/run/schedule.ts';

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);
const names = allFaults.map(({ name }) => name);

describe('the schedule of a fault run', () => {
  it('is equal for equal seeds and differs for different ones', () => {
    for (const seed of SEEDS) expect(scheduleOf(seed, allFaults)).to.deep.equal(scheduleOf(seed, allFaults));
    expect(new Set(SEEDS.map((seed) => JSON.stringify(scheduleOf(seed, allFaults)))).size).to.equal(300);
  });

  it('contains every fault within any 20 consecutive seeds, and several per seed', () => {
    const drawn = SEEDS.map((seed) => scheduleOf(seed, allFaults).map(({ name }) => name));
    for (const each of drawn) expect(each.length).to.be.within(4, 6);
    for (let first = 0; first + 20 <= drawn.length; first += 1) {
      expect([...new Set(drawn.slice(first, first + 20).flat())]).to.have.members(names);
    }
  });

  it('never breaks a server that is already broken', () => {
    for (const seed of SEEDS) {
      const broken = new Map<string, number[][]>();
      for (const { name, atMs, lastsMs } of scheduleOf(seed, allFaults)) {
        const fault = allFaults.find((each) => each.name === name);
        expect(lastsMs).to.be.within(...(fault?.lastsMs as [number, number]));
        for (const thing of fault?.touches ?? []) {
          broken.set(thing, [...(broken.get(thing) ?? []), [atMs, atMs + lastsMs]]);
        }
      }
      for (const times of broken.values()) {
        const inOrder = times.toSorted(([a = 0], [b = 0]) => a - b);
        for (const [index, [, endMs = 0]] of inOrder.entries()) {
          expect(inOrder[index + 1]?.[0] ?? Number.POSITIVE_INFINITY).to.be.greaterThan(endMs);
        }
      }
    }
  });

  it('draws only from the chosen faults if some are chosen', () => {
    const only = ['kill-mysql', 'cut-during-commit'];
    for (const seed of SEEDS) {
      const drawn = scheduleOf(seed, allFaults, only).map(({ name }) => name);
      expect(drawn).to.have.length(4).and.to.include.members(only);
      expect(new Set(drawn).size).to.equal(2);
    }
    expect(() => scheduleOf(1, allFaults, ['kill-mysq'])).to.throw('kill-mysq');
  });

  it('starts three brokers only for a seed that loses one of three', () => {
    const counts = SEEDS.map((seed) => {
      const schedule = scheduleOf(seed, allFaultsOnKafka);
      const brokers = brokersOf(schedule, allFaultsOnKafka);
      expect(brokers).to.equal(schedule.some(({ name }) => name === 'lose-kafka-broker') ? 3 : 1);
      return brokers;
    });
    for (let first = 0; first + 20 <= counts.length; first += 1)
      expect(counts.slice(first, first + 20)).to.include.members([1, 3]);
  });

  it('has no two faults with the same name', () => {
    expect(new Set(names).size).to.equal(names.length);
  });
});
