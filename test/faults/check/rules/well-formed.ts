import type { HistoryLine, InvokeLine } from '../../history/history-line.ts';
import type { Finding } from '../check-history.ts';

/**
 * The history itself: it begins and ends. Every attempt has a unique number and at most one answer, which
 * follows it.
 */
export function wellFormed(lines: readonly HistoryLine[]): Finding[] {
  const findings: Finding[] = [];
  if (lines[0]?.type !== 'begin') findings.push({ detail: 'the history has no beginning' });
  if (lines.at(-1)?.type !== 'end') findings.push({ detail: 'the history has no end' });
  const begun = new Map<number, InvokeLine>();
  const answered = new Set<number>();
  for (const line of lines) {
    if (!Number.isFinite(line.atMs)) findings.push({ detail: `a ${line.type} line has no time` });
    if (line.type === 'invoke') {
      if (begun.has(line.op)) findings.push({ detail: `two attempts are called ${line.op}` });
      begun.set(line.op, line);
    } else if ('op' in line) {
      const invoke = begun.get(line.op);
      if (invoke === undefined)
        findings.push({ detail: `attempt ${line.op} was answered before it was begun` });
      else if (line.atMs < invoke.atMs) findings.push({ detail: `attempt ${line.op} ends before it begins` });
      if (answered.has(line.op)) findings.push({ detail: `attempt ${line.op} was answered twice` });
      answered.add(line.op);
    }
  }
  return findings;
}
