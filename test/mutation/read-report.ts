import { type EquivalentMutant } from './equivalent-mutants.ts';

/** The parts of mutation-testing-report-schema that are used here. */
export interface MutationReport {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly ReportedMutant[] }>
  >;
}

interface ReportedMutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** A position; lines and columns start at 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface MutationScore {
  readonly killed: number;
  readonly equivalent: number;
  /** Mutants that no test killed and no exception explains. */
  readonly survived: readonly string[];
  /** Exceptions for the mutated files that match no mutant any more. */
  readonly stale: readonly EquivalentMutant[];
}

const KILLED: ReadonlySet<string> = new Set(['Killed', 'Timeout']);

/** Classifies all mutants, given the known equivalent ones. */
export function readReport(report: MutationReport, exceptions: readonly EquivalentMutant[]): MutationScore {
  let killed = 0;
  let equivalent = 0;
  const survived: string[] = [];
  const met = new Set<EquivalentMutant>();
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    for (const { status, location, replacement = '', mutatorName } of mutants) {
      if (KILLED.has(status)) {
        killed += 1;
        continue;
      }
      const original = oneLine(textAt(source, location));
      const excuse = exceptions.find(
        (each) =>
          each.file === file && each.original === original && each.replacement === oneLine(replacement),
      );
      if (excuse === undefined) {
        const { line, column } = location.start;
        survived.push(`${file}:${line}:${column} ${mutatorName}: ${original} → ${oneLine(replacement)}`);
      } else {
        met.add(excuse);
        equivalent += 1;
      }
    }
  }
  const stale = exceptions.filter((each) => each.file in report.files && !met.has(each));
  return { killed, equivalent, survived, stale };
}

/** Offset of a place in the text. */
export function offsetIn(source: string, { line, column }: Place): number {
  const lines = source.split('\n').slice(0, line - 1);
  return lines.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}

function textAt(source: string, { start, end }: ReportedMutant['location']): string {
  return source.slice(offsetIn(source, start), offsetIn(source, end));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
