import { isAbsolute, normalize, relative } from 'node:path';
import { type SuiteName, suites } from './suites.ts';

/** A test file that the command line names. */
export interface TestFile {
  readonly suite: SuiteName;
  /** Path from the root. */
  readonly path: string;
  /** Counted from 1; undefined for the whole file. */
  readonly line: number | undefined;
}

/** Reads `test/SUITE/….test.ts[:LINE]`, from the root or absolute. Throws an Error with one sentence. */
export function parseTestFile(argument: string, top: string): TestFile {
  const [, file = '', lineText] = /^(.+?)(?::(\d+))?$/.exec(argument) ?? [];
  const path = normalize(isAbsolute(file) ? relative(top, file) : file);
  const [, folder] = /^test\/([^/]+)\/.+\.test\.ts$/.exec(path) ?? [];
  const suite = suites.find(({ name }) => name === folder);
  if (suite === undefined)
    throw new Error(
      `${argument} is not a test file of a suite: give test/SUITE/….test.ts or test/SUITE/….test.ts:LINE`,
    );
  const line = lineText === undefined ? undefined : Number(lineText);
  if (line === 0) throw new Error(`${argument}: lines are counted from 1`);
  return { suite: suite.name, path, line };
}
