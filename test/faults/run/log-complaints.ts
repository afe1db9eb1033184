import type { FleetMember } from './fault-fleet.ts';

/** Errors of the app that a run brings about on purpose. */
const POISON_EVENTS: ReadonlySet<string> = new Set(['event_unreadable', 'event_uncountable']);

/** What a process has logged as an error: something that it was not made for. */
export function logComplaints(member: Pick<FleetMember, 'name' | 'lives'>, wasPoisoned: boolean): string[] {
  const complaints = new Map<string, { text: string; count: number }>();
  for (const { logs } of member.lives) {
    for (const line of logs) {
      if (line.level !== 'error' || (wasPoisoned && POISON_EVENTS.has(line.event))) continue;
      const reason = JSON.stringify(line['error'] ?? line['check'] ?? '').slice(0, 80);
      const kind = `${member.name} ${line.event} ${reason}`;
      const known = complaints.get(kind) ?? { text: JSON.stringify(line).slice(0, 600), count: 0 };
      complaints.set(kind, { ...known, count: known.count + 1 });
    }
  }
  return [...complaints.values()].map(({ text, count }) => `${member.name} logged ${count} ×: ${text}`);
}
