import { seededRandom } from '../../bench/load/seeded-random.ts';
import type { Fault } from './fault.ts';

export interface ScheduledFault {
  readonly name: string;
  /** Time after the beginning of the load. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** Seed for the fault's own draws. */
  readonly seed: number;
}

/** Seeds per deal: each block of this many seeds gets every fault, dealt like cards. */
const SEEDS_A_DEAL = 10;
/** Faults drawn from all, in addition to the dealt ones. */
const EXTRA = 1;
/** Faults per run when `only` narrows the choice. */
const NARROWED = 4;
const FIRST_AT_MS = 300;
const BEGIN_WITHIN_MS = 3000;
/** Pause between two faults of the same thing, so that each finds it intact. */
const REST_MS = 300;

type Dealt = Pick<Fault, 'name' | 'touches' | 'lastsMs'>;

/**
 * The faults of the run with this seed, with their times: the same for the same seed, whatever ran before.
 * Faults that touch the same process or server follow each other; others may overlap. In any 20 consecutive
 * seeds every fault occurs at least once. With `only`, faults are drawn from these names alone.
 */
export function scheduleOf(
  seed: number,
  faults: readonly Dealt[],
  only?: readonly string[],
): readonly ScheduledFault[] {
  const random = seededRandom(mixed(seed, 1));
  const drawn = only === undefined ? dealt(seed, faults, random) : narrowed(faults, only, random);
  const placed: { fault: Dealt; atMs: number; endMs: number }[] = [];
  return drawn.map((fault, index) => {
    const [minMs, maxMs] = fault.lastsMs;
    const lastsMs = Math.round(minMs + random() * (maxMs - minMs));
    let atMs = Math.round(FIRST_AT_MS + random() * BEGIN_WITHIN_MS);
    // Postponed until nothing that the fault touches is broken.
    for (;;) {
      const inTheWay = placed.find(
        (other) =>
          other.fault.touches.some((thing) => fault.touches.includes(thing)) &&
          atMs < other.endMs + REST_MS &&
          other.atMs < atMs + lastsMs + REST_MS,
      );
      if (inTheWay === undefined) break;
      atMs = inTheWay.endMs + REST_MS;
    }
    placed.push({ fault, atMs, endMs: atMs + lastsMs });
    return { name: fault.name, atMs, lastsMs, seed: mixed(seed, index + 2) };
  });
}

/** Number of Kafka brokers that the scheduled faults need. */
export function brokersOf(schedule: readonly ScheduledFault[], faults: readonly Fault[]): number {
  const scheduled = faults.filter(({ name }) => schedule.some((each) => each.name === name));
  return Math.max(1, ...scheduled.map(({ brokerCount }) => brokerCount ?? 1));
}

function dealt(seed: number, faults: readonly Dealt[], random: () => number): Dealt[] {
  const block = Math.floor((seed - 1) / SEEDS_A_DEAL);
  const place = (((seed - 1) % SEEDS_A_DEAL) + SEEDS_A_DEAL) % SEEDS_A_DEAL;
  const cards = shuffled(faults, seededRandom(mixed(block, 0)));
  const own = cards.filter((_, index) => index % SEEDS_A_DEAL === place);
  return [...own, ...drawFrom(faults, EXTRA, random)];
}

function narrowed(faults: readonly Dealt[], only: readonly string[], random: () => number): Dealt[] {
  const unknown = only.filter((name) => faults.every((fault) => fault.name !== name));
  if (unknown.length > 0) throw new Error(`there are no faults of the name ${unknown.join(', ')}`);
  const chosen = faults.filter(({ name }) => only.includes(name));
  const first = shuffled(chosen, random).slice(0, NARROWED);
  return [...first, ...drawFrom(chosen, NARROWED - first.length, random)];
}

function drawFrom(faults: readonly Dealt[], count: number, random: () => number): Dealt[] {
  return Array.from({ length: count }, () => faults[Math.floor(random() * faults.length)]).flatMap((fault) =>
    fault === undefined ? [] : [fault],
  );
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const places = values.map((value) => ({ value, place: random() }));
  return places.toSorted((a, b) => a.place - b.place).map(({ value }) => value);
}

/** A different seed for each purpose. */
function mixed(seed: number, purpose: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b)) >>> 0;
}
