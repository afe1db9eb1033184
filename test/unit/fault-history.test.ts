import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HistoryLine } from '../faults/history/history-line.ts';
import { readHistory } from '../faults/history/read-history.ts';
import { writeHistory } from '../faults/history/write-history.ts';

describe('the history of a fault run', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rowlock-history-'));
    path = join(folder, 'history.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lines: HistoryLine[] = [
    {
      type: 'begin',
      seed: 7,
      atMs: 0.5,
      wallMs: 7,
      shop: { products: [], users: [], coupons: [], cancelWindowMs: 1000 },
    },
    {
      type: 'invoke',
      op: 1,
      client: 0,
      attempt: 1,
      atMs: 1.25,
      kind: 'charge',
      key: 'k "1"\n',
      bodyHash: 'ab',
      user: 'u',
      request: { amount: 5 },
    },
    { type: 'unknown', op: 1, atMs: 9, why: 'timeout' },
    { type: 'end', atMs: 10 },
  ];

  it('is read back exactly as written', () => {
    const history = writeHistory(path);
    for (const line of lines) history.write(line);
    history.close();
    expect(readHistory(path)).to.deep.equal(lines);
  });

  it('survives a killed recorder, except for an incomplete last line', () => {
    const writerFile = join(import.meta.dirname, '../faults/history/write-history.ts');
    const program = `
      import { writeHistory } from ${JSON.stringify(writerFile)};
      const history = writeHistory(${JSON.stringify(path)});
      for (const line of ${JSON.stringify(lines)}) history.write(line);
      process.kill(process.pid, 'SIGKILL');`;
    const recorder = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);
    expect(recorder.signal, recorder.stderr.toString()).to.equal('SIGKILL');
    appendFileSync(path, '{"type":"end","at');
    expect(readHistory(path)).to.deep.equal(lines);
  });

  it('has one writer, and a malformed line is an error', () => {
    writeHistory(path).close();
    expect(() => writeHistory(path)).to.throw('EEXIST');
    appendFileSync(path, '{"type":"end","atMs":1}\n{"type":"ende"}\n');
    expect(() => readHistory(path)).to.throw(':2 is no line of a history');
  });
});
