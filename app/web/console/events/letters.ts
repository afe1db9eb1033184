import type { Answer } from '../../client/rowlock-client.ts';

type LetterEvent = NonNullable<Answer<'listDeadLetters'>['value']>['events'][number];

/** A dead letter with its events: one on Kafka, one or many on SQS. */
export interface Letter {
  readonly id: string;
  readonly reason: string | null;
  readonly events: readonly LetterEvent[];
  /** How many of its events the statistics have. */
  readonly counted: number;
}

/** The API lists events; they are sent back by letter. */
export function lettersOf(events: readonly LetterEvent[]): Letter[] {
  const letters = new Map<string, LetterEvent[]>();
  for (const event of events) letters.set(event.id, [...(letters.get(event.id) ?? []), event]);
  return [...letters].map(([id, own]) => ({
    id,
    reason: own[0]?.reason ?? null,
    events: own,
    counted: own.filter(({ isCounted }) => isCounted).length,
  }));
}
