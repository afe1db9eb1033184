import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { parseFaultOptions } from '../faults/run/fault-options.ts';
import { projectDirs } from '../faults/run/project-dirs.ts';
import { replayCommand, runCampaign, type SeedResult, summaryLine } from '../faults/run/run-campaign.ts';
import type { FaultRun } from '../faults/run/run-faults.ts';
import { sourceFingerprint } from '../faults/run/source-fingerprint.ts';
import { onCleanup } from '../support/cleanup.ts';

const counts = {
  durationMs: 9000,
  phasesMs: [1, 2, 3],
  faults: { 'kill-api': 2, 'sqs-down': 1 },
  attempts: 50,
  acknowledged: 40,
  refused: 3,
  unknown: 7,
  samples: 9,
  words: {},
};
const clean = (seed: number, sources = sourceFingerprint(projectDirs.top)): SeedResult => ({
  seed,
  sources,
  isClean: true,
  harms: { lost: 0, doubled: 0, drift: 0 },
  complaints: 0,
  counts,
});
const broken: SeedResult = {
  ...clean(3),
  isClean: false,
  harms: { lost: 1, doubled: 0, drift: 4 },
  dir: 'somewhere',
};

const runOf = (seed: number): FaultRun => ({
  seed,
  database: 'MariaDB 10.11',
  dir: join(tmpdir(), 'rowlock-no-such-run'),
  historyFile: 'none',
  violations: [],
  complaints: [],
  counts,
});

describe('a campaign of fault runs', () => {
  it('parses its options and explains invalid ones', () => {
    expect(parseFaultOptions(['--runs', '3', '--seed', '8', '--jobs', '2'])).to.deep.include({
      seeds: [8, 9, 10],
      jobs: 2,
      resume: false,
      only: undefined,
    });
    expect(parseFaultOptions(['--only', 'kill-api,sqs-down']).only).to.deep.equal(['kill-api', 'sqs-down']);
    expect(parseFaultOptions([]).seeds).to.deep.equal([1]);
    expect(() => parseFaultOptions(['--runs', '0'])).to.throw('--runs');
    expect(() => parseFaultOptions(['--jobs', '9'])).to.throw('--jobs');
    expect(() => parseFaultOptions(['--run', '3'])).to.throw('--run');
    expect(() => parseFaultOptions(['--mysql', '8'])).to.throw('--mysql');
  });

  it('keeps a state file for each database engine', () => {
    const [local, debian] = [parseFaultOptions([]), parseFaultOptions(['--mysql=debian'])];
    expect([local.mysql, debian.mysql]).to.deep.equal(['local', 'debian']);
    expect(debian.stateFile).to.not.equal(local.stateFile);
    expect(parseFaultOptions(['--mysql=debian', '--state', 'x']).stateFile).to.equal('x');
  });

  it('continues after known seeds, includes them, and names those of other source states', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rowlock-campaign-'));
    const stateFile = join(dir, 'state.jsonl');
    // The process was killed while it wrote the last line, and seed 9 belongs to another campaign.
    const lines = [clean(1), clean(2, 'others'), clean(9)]
      .map((result) => `${JSON.stringify(result)}\n`)
      .join('');
    writeFileSync(stateFile, `${lines}{"seed":3,"isC`);
    const options = { ...parseFaultOptions(['--runs', '2']), resume: true, stateFile };
    const printed: string[] = [];
    const results = await runCampaign(options, {
      signal: new AbortController().signal,
      print: (line) => printed.push(line),
    });
    expect(results.map(({ seed }) => seed)).to.deep.equal([1, 2]);
    expect(printed).to.deep.equal(['2 seeds are done already, 1 of them with other sources than these']);
    expect(readFileSync(stateFile, 'utf8')).to.equal(lines);
    rmSync(dir, { recursive: true });
  });

  describe('of runs that end without a result', () => {
    /** A campaign of one seed, whose runs end like this in turn. */
    const campaign = async (...ends: readonly string[]) => {
      const dir = mkdtempSync(join(tmpdir(), 'rowlock-campaign-'));
      onCleanup(() => rmSync(dir, { recursive: true, force: true }));
      const printed: string[] = [];
      const begun: number[] = [];
      const results = await runCampaign(
        { ...parseFaultOptions(['--seed', '5']), stateFile: join(dir, 'state.jsonl') },
        {
          signal: new AbortController().signal,
          print: (line) => printed.push(line),
          spawn: async ({ seed }) => {
            begun.push(seed);
            return ends[begun.length - 1] ?? runOf(seed);
          },
        },
      );
      const again = printed.filter((line) => line.startsWith('once more seed 5: '));
      return { runs: begun.length, again, isClean: results.map((result) => result.isClean) };
    };
    const thrown = 'the run ended with code 1 and no result\nError: MySQL did not start';

    it('begins a run that threw again and takes the result of the one that ended', async () => {
      const { runs, again, isClean } = await campaign(thrown, thrown);
      expect({ runs, isClean }).to.deep.equal({ runs: 3, isClean: [true] });
      expect(again).to.have.lengthOf(2);
      expect(again[0]).to.contain('MySQL did not start');
    });

    it('gives up after three runs that threw', async () => {
      expect(await campaign(thrown, thrown, thrown)).to.deep.include({ runs: 3, isClean: [false] });
    });

    it('does not repeat a run that hung and was killed', async () => {
      const { runs, again, isClean } = await campaign('the run ended with SIGKILL and no result\n');
      expect({ runs, again, isClean }).to.deep.equal({ runs: 1, again: [], isClean: [false] });
    });
  });

  it('prints the command that repeats a seed with the same faults', () => {
    expect(replayCommand(7, undefined)).to.equal('npm run faults -- --seed 7 --runs 1');
    const command = replayCommand(7, ['kill-api', 'sqs-down']);
    expect(command).to.equal('npm run faults -- --seed 7 --runs 1 --only kill-api,sqs-down');
    const { seeds, only } = parseFaultOptions(command.split(' ').slice(4));
    expect([seeds, only]).to.deep.equal([[7], ['kill-api', 'sqs-down']]);
    const other = replayCommand(7, undefined, { events: 'kafka', midnight: true });
    const { events, midnight, stateFile } = parseFaultOptions(other.split(' ').slice(4));
    expect({ events, midnight }).to.deep.equal({ events: 'kafka', midnight: true });
    expect(basename(stateFile)).to.equal('campaign-kafka-midnight.jsonl');
  });

  it('prints a summary', () => {
    expect(summaryLine([clean(1), clean(2), broken])).to.equal(
      'runs=3 faults=9 acknowledged=120 lost=1 doubled=0 drift=4',
    );
    expect(summaryLine([{ ...clean(1), database: 'MySQL 9.7.4' }])).to.match(/^MySQL 9\.7\.4: runs=1 /);
  });
});
