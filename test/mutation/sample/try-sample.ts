import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDirs } from '../../faults/run/project-dirs.ts';
import { type MutationReport, offsetIn } from '../read-report.ts';
import { runStryker } from '../run-stryker.ts';
import { drawSample } from './draw-sample.ts';
import type { Mutant } from './mutant.ts';
import { runSample, type TriedMutant } from './run-sample.ts';
import { sampledFiles } from './sampled-files.ts';
import { sqlMutants } from './sql-mutants.ts';

const { top, cacheDir } = projectDirs;

/**
 * Draws mutants of the SQL files and adapters, tries each, and prints what became of it and the score. After
 * SIGINT or SIGTERM, prints the score of those tried so far.
 */
export async function trySample({ size, seed }: { size: number; seed: string }): Promise<void> {
  const files = sampledFiles(top);
  const read = (file: string) => readFileSync(join(top, file), 'utf8');
  const ofSql = files.flatMap((file) => sqlMutants(file, read(file)));
  const ofCode = codeMutants(runStryker(files, 'true'));
  console.log(`${ofSql.length} mutants of SQL and ${ofCode.length} of code in ${files.length} files`);
  // In turn, so that half of each is tried: there are four times as many changes of code as of SQL.
  const [sql, code] = [ofSql, ofCode].map((mutants) => drawSample(mutants, { size, seed }));
  const sample = (sql ?? []).flatMap((mutant, at) => [mutant, code?.[at] ?? mutant]).slice(0, size);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const tried: TriedMutant[] = [];
  await runSample(sample, {
    top,
    cacheDir,
    signal: stopping.signal,
    onTried: (result) => {
      tried.push(result);
      console.log(`${`${tried.length}`.padStart(3)} ${result.fate}: ${describe(result.mutant, read)}`);
    },
  });
  const count = (fate: TriedMutant['fate']) => tried.filter((each) => each.fate === fate).length;
  const [killed, late, survived] = [count('killed'), count('timed out'), count('survived')];
  console.log(`seed=${seed} tried=${tried.length} killed=${killed} timed out=${late} survived=${survived}`);
}

/**
 * Mutants of StrykerJS that change more than a text: an emptied SQL statement says nothing about tests, and
 * the words of a message are not behaviour.
 */
function codeMutants(report: MutationReport): Mutant[] {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants.flatMap(({ mutatorName, location, replacement }) =>
      replacement === undefined || mutatorName === 'StringLiteral'
        ? []
        : {
            file,
            start: offsetIn(source, location.start),
            end: offsetIn(source, location.end),
            replacement,
            kind: mutatorName,
          },
    ),
  );
}

function describe({ file, start, end, replacement, kind }: Mutant, read: (file: string) => string): string {
  const source = read(file);
  const line = source.slice(0, start).split('\n').length;
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
  return `${file}:${line} ${kind}: ${oneLine(source.slice(start, end))} → ${oneLine(replacement)}`;
}
