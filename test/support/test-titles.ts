import { readFileSync } from 'node:fs';

/** Titles of all describe and it calls in a test file. A template literal keeps its placeholders. */
export function testTitles(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const calls = text.matchAll(
    /\b(?:describe\w*|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g,
  );
  return [...calls].map(([, single, double, template]) => single ?? double ?? template ?? '');
}
