import { adminBugs } from './admin-bugs.ts';
import { couponBugs } from './coupon-bugs.ts';
import { eventBugs } from './event-bugs.ts';
import { kafkaBugs } from './kafka-bugs.ts';
import { lockingBugs } from './locking-bugs.ts';
import { orderBugs } from './order-bugs.ts';
import { saleBugs } from './sale-bugs.ts';
import { languageBugs } from './language-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';

export const plantedBugs: readonly PlantedBug[] = [
  ...lockingBugs,
  ...orderBugs,
  ...couponBugs,
  ...eventBugs,
  ...kafkaBugs,
  ...languageBugs,
  ...adminBugs,
  ...saleBugs,
];

/** Bugs with these names; all bugs if `names` is empty. Throws for an unknown name. */
export function findPlanted(names: readonly string[]): readonly PlantedBug[] {
  const strange = names.filter((name) => plantedBugs.every((bug) => bug.name !== name));
  if (strange.length > 0) {
    throw new Error(
      `no bug is called ${strange.join(', ')}; there are ${plantedBugs.map(({ name }) => name).join(', ')}`,
    );
  }
  return names.length === 0 ? plantedBugs : plantedBugs.filter(({ name }) => names.includes(name));
}
