import { expect } from 'chai';
import { parseBenchOptions } from '../bench/bench-options.ts';
import { allCells, cellsOfRound, planBench } from '../bench/bench-plan.ts';
import { type RowDefinition, rowValues } from '../bench/bench-rows.ts';
import { assertDurable } from '../bench/bench-servers.ts';
import type { CellResult } from '../bench/cell-result.ts';
import { busyTicksOf, ticksOf } from '../bench/cpu-time.ts';
import { medianOf, ratioTable } from '../bench/ratio-table.ts';
import { chartSvg } from '../bench/report/chart-svg.ts';
import { figuresTable, ratiosTable } from '../bench/report/tables.ts';

const row: RowDefinition = {
  title: 'a ÷ b',
  target: 2,
  cells: ['a', 'b'],
  of: ({ ratePerS }) => ratePerS,
};

const result = (cell: string, round: number, ratePerS: number): CellResult => ({
  cell,
  round,
  ratePerS,
  statuses: {},
});

describe('the table of the benchmark', () => {
  it('computes the median of the per-round ratios, not the ratio of the medians', () => {
    const results = [
      result('a', 1, 100),
      result('b', 1, 50),
      result('a', 2, 10),
      result('b', 2, 2),
      result('b', 3, 20),
      result('a', 3, 60),
    ];
    expect(ratioTable([row], results)).to.deep.equal([
      { title: 'a ÷ b', target: 2, ratios: [2, 5, 3], median: 3, min: 2, max: 5, isReached: true },
    ]);
  });

  it('omits rounds in which one side was not measured, and rows without a figure', () => {
    const [some] = ratioTable([row], [result('a', 1, 10), result('b', 1, 10), result('a', 2, 10)]);
    expect(some).to.deep.include({ ratios: [1], median: 1, isReached: false });
    const [none] = ratioTable([{ ...row, of: () => undefined }], [result('a', 1, 10), result('b', 1, 10)]);
    expect(none).to.deep.include({ ratios: [], median: undefined, isReached: undefined });
    expect(ratiosTable([none as never], 'text')).to.include('n/a');
  });

  it('uses the mean of the two middle values of an even number', () => {
    expect(medianOf([4, 1, 3, 2])).to.equal(2.5);
    expect(medianOf([5])).to.equal(5);
    expect(medianOf([])).to.equal(undefined);
  });

  it('is printed as text, as Markdown and as a chart, with targets', () => {
    const results = [result('a', 1, 1500), result('b', 1, 100)];
    const rows = ratioTable([row], results);
    expect(ratiosTable(rows, 'text')).to.match(/a ÷ b +2× +15\.0× +15\.0× +15\.0× +1 +reached/);
    expect(ratiosTable(rows, 'markdown')).to.include('| a ÷ b | 2× | 15.0× | 15.0× | 15.0× | 1 | reached |');
    expect(figuresTable(results, 'markdown')).to.include(
      '| a | 1500 | 1500 | 1500 | n/a | n/a | n/a | n/a | n/a | n/a |',
    );
    const svg = chartSvg({ rows, results, subtitle: 'a <machine> & more' });
    expect(svg).to.include('15.0× of 2×').and.include('a &lt;machine&gt; &amp; more');
  });
});

describe('the plan of the benchmark', () => {
  it('names only measurements that exist, and uses every one', () => {
    const needed = new Set(rowValues.flatMap(({ cells }) => cells));
    expect([...needed].toSorted()).to.deep.equal(allCells.map(({ name }) => name).toSorted());
  });

  it('measures main rows in every round of a quick run, the others once, in changing order', () => {
    const { settings } = parseBenchOptions(['--quick']);
    const { cells } = planBench('quick', undefined);
    const rounds = [0, 1, 2].map((round) => cellsOfRound(cells, round, settings).map(({ name }) => name));
    expect(rounds[0]).to.have.length(cells.length);
    expect(rounds[1]).to.have.length(7);
    expect(rounds[2]).to.have.members(rounds[1] as string[]);
    expect(new Set(rounds.map(([first]) => first)).size).to.equal(3);
    expect(cells.map(({ name }) => name).join()).not.to.match(/MySQL|preloaded/);
  });

  it('measures only what the chosen rows need', () => {
    const { rows, cells } = planBench('full', parseBenchOptions(['--only=^hot product, TWO processes']).only);
    expect(rows.map(({ title }) => title)).to.deep.equal(['hot product, two processes ÷ one']);
    expect(cells.map(({ name }) => name)).to.deep.equal(['rowlock hot 64', 'two processes hot 64']);
  });

  it('rejects invalid options with one sentence', () => {
    expect(parseBenchOptions(['--rounds=7', '--seconds=0.5']).settings).to.deep.include({
      rounds: 7,
      measureMs: 500,
    });
    for (const wrong of ['--rounds=0', '--rounds=1.5', '--rounds=', '--seconds=x', '--fast']) {
      expect(() => parseBenchOptions([wrong]), wrong).to.throw(/--rounds=|--seconds=|Unknown option/);
    }
  });
});

describe('the preconditions of the benchmark', () => {
  it('reject a database that may lose commits', () => {
    const durable = { logBin: 1, syncBinlog: 1, flush: 1, doublewrite: 'ON', isolation: 'READ-COMMITTED' };
    assertDurable(durable);
    for (const weaker of [{ logBin: 0 }, { syncBinlog: 0 }, { flush: 2 }, { doublewrite: 'OFF' }]) {
      expect(() => assertDurable({ ...durable, ...weaker })).to.throw('not set up as the benchmark claims');
    }
  });

  it('include the CPU time of a process whose name has blanks and parentheses', () => {
    const stat = '42 (node (x) y) S 1 42 42 0 -1 4194304 100 0 0 0 700 33 0 0 20 0 11 0 12345 1 2';
    expect(ticksOf(stat)).to.equal(733);
  });

  it('count CPU time as busy unless it is idle or waiting for the disk', () => {
    expect(busyTicksOf('cpu  100 20 30 5000 600 7 8 9 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).to.equal(174);
  });
});
