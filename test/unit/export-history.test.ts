import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { exportHistory } from '../faults/history/export-history.ts';
import type { PorcupinePartition } from '../faults/history/porcupine-history.ts';
import { parseEdn } from './parse-edn.ts';
import { soundIds } from './sound-end-state.ts';
import { soundHistory } from './sound-history.ts';

const { productA, productB, user1, user2 } = soundIds;

describe('a history exported for another checker', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'rowlock-export-'));
    const { lines, state } = soundHistory();
    writeFileSync(join(dir, 'history.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writeFileSync(join(dir, 'final-state.json'), JSON.stringify(state));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const exported = (format: 'elle' | 'porcupine'): string => {
    const file = join(dir, format);
    exportHistory(dir, file, format);
    return readFileSync(file, 'utf8');
  };

  describe('Elle', () => {
    type MicroOperation = [kind: string, chain: string, value: number | number[] | null];
    interface Line {
      ':index': number;
      ':time': number;
      ':process': number;
      ':type': string;
      ':f': string;
      ':value': MicroOperation[];
    }
    const lines = () =>
      exported('elle')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => parseEdn(line) as Line);

    it('contains one EDN line for each start and each end, in order of time', () => {
      const read = lines();
      expect(read.map((line) => line[':index'])).to.deep.equal(read.map((_, index) => index));
      const times = read.map((line) => line[':time']);
      expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
      // Seven operations wrote; two snapshots and one balance query read.
      expect(
        Object.fromEntries(
          Object.entries(Object.groupBy(read, (line) => line[':type'])).map(([type, of]) => [
            type,
            of?.length,
          ]),
        ),
      ).to.deep.equal({ ':invoke': 9, ':ok': 9 });
    });

    it('assigns each process one operation at a time', () => {
      const busy = new Set<number>();
      for (const { ':process': process, ':type': type } of lines()) {
        expect(busy.has(process)).to.equal(type !== ':invoke');
        if (type === ':invoke') busy.add(process);
        else busy.delete(process);
      }
    });

    it('appends to every stock and balance that an operation changed, and reads the previous value', () => {
      const answered = lines()
        .filter((line) => line[':type'] === ':ok')
        .flatMap((line) => line[':value']);
      const appended = (chain: string) =>
        answered.filter(([kind, name]) => kind === ':append' && name === chain).map(([, , value]) => value);
      const reads = (chain: string) =>
        answered.filter(([kind, name]) => kind === ':r' && name === chain).map(([, , value]) => value);
      for (const [chain, length] of [
        [`stock ${productA}`, 3],
        [`stock ${productB}`, 2],
        [`balance ${user1}`, 3],
        [`balance ${user2}`, 2],
      ] as const) {
        expect(appended(chain), chain).to.have.lengthOf(length);
        const last = reads(chain).at(-1) as number[];
        expect(last, chain).to.have.members(appended(chain) as number[]);
        for (const read of reads(chain)) expect(last.slice(0, (read as number[]).length)).to.deep.equal(read);
      }
    });

    it('leaves operations open that were never acknowledged', () => {
      const { lines: history, state } = soundHistory();
      const kept = history.filter((line) => !('op' in line && line.op === 12));
      writeFileSync(join(dir, 'history.jsonl'), kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
      writeFileSync(join(dir, 'final-state.json'), JSON.stringify(state));
      const [open, ...others] = lines().filter((line) => line[':type'] === ':info');
      expect(others).to.deep.equal([]);
      expect(open?.[':value'].map(([kind, chain]) => [kind, chain])).to.deep.equal([
        [':append', `stock ${productA}`],
        [':append', `balance ${user2}`],
      ]);
    });
  });

  it('Porcupine: contains each stock and balance separately, and its model accepts every chain', () => {
    const { partitions } = JSON.parse(exported('porcupine')) as { partitions: PorcupinePartition[] };
    expect(partitions.map(({ key }) => key)).to.have.members([
      `stock ${productA}`,
      `stock ${productB}`,
      `balance ${user1}`,
      `balance ${user2}`,
    ]);
    for (const { key, initial, operations } of partitions) {
      expect(new Set(operations.map(({ ClientId }) => ClientId)).size, key).to.equal(operations.length);
      for (const { Call, Return } of operations) expect(Call).to.be.at.most(Return);
      const seen = new Map([[initial.seq, initial.value]]);
      for (const { Input, Output } of operations.toSorted((a, b) => a.Output.seq - b.Output.seq)) {
        if (Input.kind === 'change') {
          expect(Output.value, key).to.equal((seen.get(Output.seq - 1) ?? Number.NaN) + Input.delta);
          seen.set(Output.seq, Output.value);
        }
      }
      for (const { Input, Output } of operations) {
        if (Input.kind === 'change') continue;
        if (Output.seq === 0) expect([...seen.values()], key).to.include(Output.value);
        else expect(Output.value, key).to.equal(seen.get(Output.seq));
      }
    }
    const [stockB] = partitions.filter(({ key }) => key === `stock ${productB}`);
    // A sale and a restock; two snapshots and two refusals.
    expect(stockB?.operations.map(({ Input }) => Input.kind).toSorted()).to.deep.equal([
      'change',
      'change',
      'read',
      'read',
      'read',
      'read',
    ]);
  });
});
