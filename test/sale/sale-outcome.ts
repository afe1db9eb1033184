/** The definite answer to one buyer. */
export interface SaleAnswer {
  /** The problem's code, or `placed`. */
  readonly code: string;
  /** From the buyer's arrival to the answer, every retry included. */
  readonly latencyMs: number;
  /** Since the start of the sale. */
  readonly answeredAtMs: number;
}

export interface SaleOutcome {
  readonly seller: string;
  readonly units: number;
  readonly answers: readonly SaleAnswer[];
  /** Tries that were answered with 503 or not at all, each repeated. */
  readonly retries: number;
  readonly durationMs: number;
  readonly leftAfter: number;
  /** Units in recorded orders; undefined where the database cannot be read. */
  readonly recorded: number | undefined;
}

export interface SaleFigures {
  readonly seller: string;
  readonly units: number;
  /** Orders that were answered as placed. */
  readonly placed: number;
  /** Units sold that were not there, or in stock and sold at once. 0 when all is right. */
  readonly oversold: number;
  /** Orders that were recorded without an answer, or answered without a record; undefined if unknown. */
  readonly untold: number | undefined;
  /** Time of the last sale; undefined if units are left. */
  readonly soldOutAfterMs: number | undefined;
  /** Placed orders per second, until the last of them. */
  readonly placedPerS: number;
  readonly answersPerS: number;
  readonly placedP99Ms: number;
  readonly allP99Ms: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly durationMs: number;
  readonly leftAfter: number;
}

/** Counts what a sale gave. Pure. */
export function saleFigures(outcome: SaleOutcome): SaleFigures {
  const { answers, units, leftAfter, recorded, durationMs } = outcome;
  const placed = answers.filter(({ code }) => code === 'placed');
  const refused = Map.groupBy(
    answers.filter(({ code }) => code !== 'placed'),
    ({ code }) => code,
  );
  const lastPlacedMs = Math.max(0, ...placed.map(({ answeredAtMs }) => answeredAtMs));
  const sold = Math.max(placed.length, recorded ?? 0);
  return {
    seller: outcome.seller,
    units,
    placed: placed.length,
    oversold: Math.max(0, sold + leftAfter - units),
    untold: recorded === undefined ? undefined : Math.abs(recorded - placed.length),
    soldOutAfterMs: leftAfter === 0 && placed.length > 0 ? lastPlacedMs : undefined,
    placedPerS: perSecond(placed.length, lastPlacedMs),
    answersPerS: perSecond(answers.length, durationMs),
    placedP99Ms: p99(placed),
    allP99Ms: p99(answers),
    refusals: Object.fromEntries([...refused].map(([code, { length }]) => [code, length])),
    retries: outcome.retries,
    durationMs,
    leftAfter,
  };
}

function perSecond(count: number, ms: number): number {
  return ms === 0 ? 0 : (count * 1000) / ms;
}

/** The value that 99 of 100 answers do not exceed; 0 without answers. */
function p99(answers: readonly SaleAnswer[]): number {
  const sorted = answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
