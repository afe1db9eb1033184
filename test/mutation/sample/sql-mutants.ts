import { stripTypeScriptTypes } from 'node:module';
import { literalTexts } from './literal-texts.ts';
import type { Mutant } from './mutant.ts';

interface SqlMutation {
  readonly kind: string;
  /** Matches the part of an SQL text that is replaced. */
  readonly find: RegExp;
  readonly replace: (found: string) => string;
}

const inverse: Readonly<Record<string, string>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '<=': '<',
  '>': '<=',
  '>=': '>',
};
const operand = String.raw`[\w.]+`;
const value = String.raw`(?:\?|'\w+'|NOW\(\d?\)|[\w.]+(?![\w.(]))`;
const comparison = `(?:<>|<=|>=|=|<|>)`;
const tuples = String.raw`\([\w, ]+\) = \(\?(?:, \?)*\)`;
const condition = String.raw`(?:${operand} (?:${comparison} ${value}|IN \(\?\)|IS (?:NOT )?NULL)|${tuples})`;
const inCondition = String.raw`(?<=\b(?:WHERE|AND|OR|ON|WHEN|HAVING)\s+\(?)`;

/** Placeholders stay, because the statement's values are not changed. */
const mutations: readonly SqlMutation[] = [
  {
    kind: 'comparison turned round',
    find: new RegExp(
      String.raw`(?<=\b(?:WHERE|AND|OR|ON|WHEN|HAVING)\s+\(?${operand} )${comparison}(?= )`,
      'g',
    ),
    replace: (found) => inverse[found] ?? found,
  },
  {
    kind: 'condition dropped',
    find: new RegExp(inCondition + condition, 'g'),
    replace: (found) => `(${found} OR TRUE)`,
  },
  { kind: 'FOR UPDATE removed', find: /\s+FOR UPDATE(?: SKIP LOCKED| NOWAIT)?/g, replace: () => '' },
  { kind: 'SKIP LOCKED removed', find: / SKIP LOCKED/g, replace: () => '' },
  { kind: 'LIMIT changed', find: /\bLIMIT \?/g, replace: () => 'LIMIT 1 /* ? */' },
  { kind: 'order reversed', find: / DESC\b/g, replace: () => '' },
  {
    kind: 'order reversed',
    find: new RegExp(String.raw`\bORDER BY ${operand}(?![\w.]| DESC)`, 'g'),
    replace: (found) => `${found} DESC`,
  },
  {
    kind: '+ and - exchanged',
    find: /(?<=[\w)?] )[+-](?= [\w(?])/g,
    replace: (found) => (found === '+' ? '-' : '+'),
  },
  {
    kind: 'MIN and MAX exchanged',
    find: /\bM(?:IN|AX)(?=\()/g,
    replace: (found) => (found === 'MIN' ? 'MAX' : 'MIN'),
  },
  { kind: 'outer join made inner', find: /\bLEFT JOIN\b/g, replace: () => 'JOIN' },
  {
    kind: 'AND and OR exchanged',
    find: /\b(?:AND|OR)\b/g,
    replace: (found) => (found === 'OR' ? 'AND' : 'OR'),
  },
  { kind: 'duplicates kept', find: /\bDISTINCT /g, replace: () => '' },
  { kind: 'conflicts not ignored', find: /(?<=\bINSERT )IGNORE /g, replace: () => '' },
];

const sqlText = /\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE|AND|OR|ORDER BY|LIMIT|JOIN|SET)\b/;

/** All mutants of the SQL in a source file that are still valid TypeScript. */
export function sqlMutants(file: string, source: string): Mutant[] {
  return literalTexts(source).flatMap(({ start, end }) => {
    const text = source.slice(start, end);
    if (!sqlText.test(text)) return [];
    return mutations
      .flatMap(({ kind, find, replace }) =>
        [...text.matchAll(find)].map((match) => ({
          file,
          start: start + match.index,
          end: start + match.index + match[0].length,
          replacement: replace(match[0]),
          kind,
        })),
      )
      .filter((mutant) => isValid(applied(mutant, source)));
  });
}

/** The source with the change of one mutant. */
export function applied({ start, end, replacement }: Mutant, source: string): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function isValid(source: string): boolean {
  try {
    stripTypeScriptTypes(source);
    return true;
  } catch {
    return false;
  }
}
