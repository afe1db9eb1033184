import { couponBugs } from './coupon-bugs.ts';
import { eventBugs } from './event-bugs.ts';
import { lockingBugs } from './locking-bugs.ts';
import { orderBugs } from './order-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';

export const plantedBugs: readonly PlantedBug[] = [...lockingBugs, ...orderBugs, ...couponBugs, ...eventBugs];
