import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** On Kafka: every event that cannot be counted is in the dead letter topic. */
export function poisonSetAside({ state: { topic } }: Facts): Finding[] {
  const letters = new Set(topic?.deadLetters);
  return (topic?.poisons ?? [])
    .filter((poison) => !letters.has(poison))
    .map((poison) => ({ detail: `this event is in neither the statistics nor the dead letters: ${poison}` }));
}
