/**
 * Models one line of a cart as a register: what each move does to the line, when it may have happened, and
 * whether some order of the moves makes all of them true.
 */
export interface CartMove {
  /** For reports. */
  readonly name: string;
  readonly fromMs: number;
  /** Latest moment at which it happened; Infinity for a move that may happen at any time or never. */
  readonly toMs: number;
  readonly does:
    | { readonly kind: 'set'; readonly to: number }
    | { readonly kind: 'add'; readonly units: number }
    /** A read, or a refusal that says what it saw. */
    | { readonly kind: 'is'; readonly value: number }
    /** An order placed from the cart: it reads the line, and later removes that many units. */
    | { readonly kind: 'order'; readonly units: number };
}

/** A value that the line may hold, with the moves whose outcome is unknown. */
interface Guess {
  /** Undefined after the server lost its memory: any value is possible. */
  readonly value: number | undefined;
  /** Pending moves that this guess assumes done. */
  readonly done: ReadonlySet<CartMove>;
  /** Pending orders that have read the line and after which no other order of this cart was placed. */
  readonly read: ReadonlySet<CartMove>;
}

/** Far above what a run needs; above this number of guesses the check gives no verdict. */
const GUESSES_MAX = 20_000;

/**
 * Returns the first move that contradicts all others, or undefined. Tries every order of the moves that their
 * times allow, up to the point where a move must have happened (just-in-time linearization, Lowe 2017). An
 * order reads the line and removes its units later; others may change the line in between. Of two orders of
 * one cart, the later one reads after the earlier one has removed its units. During `amnesia` the server may
 * have lost any change. A move in progress at that time may have happened before the loss and left nothing.
 */
export function cartContradiction(
  moves: readonly CartMove[],
  amnesia: readonly { readonly fromMs: number; readonly toMs: number }[],
): CartMove | undefined {
  const begins = moves.map((move) => ({ atMs: move.fromMs, rank: 0, move }));
  const ends = moves
    .filter(({ toMs }) => toMs < Infinity)
    .map((move) => ({ atMs: move.toMs, rank: 1, move }));
  const losses = amnesia.map(({ toMs }) => ({ atMs: toMs, rank: 2, move: undefined }));
  const events = [...begins, ...ends, ...losses].toSorted((a, b) => a.atMs - b.atMs || a.rank - b.rank);

  const forgettable = new Set(
    moves.filter((move) => amnesia.some(({ fromMs, toMs }) => move.fromMs <= toMs && move.toMs >= fromMs)),
  );
  const pending = new Set<CartMove>();
  let guesses: readonly Guess[] = [{ value: 0, done: new Set(), read: new Set() }];
  for (const { atMs, rank, move } of events) {
    if (move === undefined) guesses = distinct(guesses.map(forgotten));
    else if (rank === 0) pending.add(move);
    else {
      const isLost = amnesia.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
      const start = isLost ? distinct(guesses.map(forgotten)) : guesses;
      const reached = guessesAfter(move, start, { pending, forgettable });
      if (reached === 'too many') return undefined;
      pending.delete(move);
      guesses = isLost ? distinct(reached.map(forgotten)) : reached;
      if (guesses.length === 0) return move;
    }
  }
  return undefined;
}

/** Every guess in which this move is done, preceded by as few other moves as it needs. */
function guessesAfter(
  move: CartMove,
  guesses: readonly Guess[],
  { pending, forgettable }: Record<'pending' | 'forgettable', ReadonlySet<CartMove>>,
): readonly Guess[] | 'too many' {
  const reached = new Map<string, Guess>();
  const isNeedless = needless();
  let tried = 0;
  const numbers = new Map([...pending].map((each, index) => [each, index]));
  const kinds = alike(pending);
  // Guesses with the fewest moves done come first, so that they make the others needless.
  const waiting = [...guesses].toSorted((a, b) => a.done.size - b.done.size);
  for (const guess of waiting) {
    if (isNeedless(guess, numbers)) continue;
    tried += 1;
    if (tried > GUESSES_MAX) return 'too many';
    if (guess.done.has(move)) {
      const next = { ...guess, done: without(guess.done, move), read: without(guess.read, move) };
      reached.set(nameOf(next, numbers), next);
      continue;
    }
    const { done } = guess;
    for (const kind of kinds) {
      const other = kind.find((each) => !done.has(each));
      if (other === undefined) continue;
      waiting.push(...steps(other, guess));
      if (forgettable.has(other)) waiting.push({ ...guess, done: new Set([...done, other]) });
    }
  }
  return [...reached.values()];
}

/**
 * Says of each guess whether an earlier one had the same value with fewer moves done that may as well never
 * happen. Whatever can follow this guess can also follow the earlier one.
 */
function needless(): (guess: Guess, numbers: ReadonlyMap<CartMove, number>) => boolean {
  const kept = new Map<string, ReadonlySet<CartMove>[]>();
  return (guess, numbers) => {
    const optional = new Set([...guess.done].filter(({ toMs }) => toMs === Infinity));
    const due = new Set([...guess.done].filter(({ toMs }) => toMs < Infinity));
    const name = nameOf({ ...guess, done: due }, numbers);
    const others = kept.get(name) ?? [];
    if (others.some((other) => [...other].every((move) => optional.has(move)))) return true;
    kept.set(name, [...others, optional]);
    return false;
  };
}

/**
 * Groups pending moves with the same effect, earliest deadline first. Moves of a group are interchangeable,
 * so only the first is tried: ten attempts of a client that got no answer leave ten such moves. An order is
 * in a group of its own because it also reads.
 */
function alike(pending: ReadonlySet<CartMove>): readonly (readonly CartMove[])[] {
  const sorted = [...pending].toSorted((a, b) => (a.toMs === b.toMs ? 0 : a.toMs - b.toMs));
  const kindOf = (move: CartMove): unknown => (move.does.kind === 'order' ? move : JSON.stringify(move.does));
  return [...Map.groupBy(sorted, kindOf).values()];
}

/** Guesses that a move can lead to; none when the move cannot happen now. */
function steps(move: CartMove, guess: Guess): Guess[] {
  const { does } = move;
  const { value, read } = guess;
  const done = new Set([...guess.done, move]);
  switch (does.kind) {
    case 'set':
      return [{ value: does.to, done, read }];
    case 'add':
      return [{ value: value === undefined ? undefined : value + does.units, done, read }];
    case 'is':
      return value === undefined || value === does.value ? [{ value: does.value, done, read }] : [];
    case 'order': {
      if (!read.has(move)) {
        const isTrue = value === undefined || value === does.units;
        return isTrue ? [{ value: does.units, done: guess.done, read: new Set([...read, move]) }] : [];
      }
      const left = value === undefined ? undefined : Math.max(0, value - does.units);
      return [{ value: left, done, read: new Set() }];
    }
  }
}

function forgotten({ done, read }: Guess): Guess {
  return { value: undefined, done, read };
}

function without(moves: ReadonlySet<CartMove>, move: CartMove): ReadonlySet<CartMove> {
  return moves.has(move) ? new Set([...moves].filter((each) => each !== move)) : moves;
}

function distinct(guesses: readonly Guess[]): readonly Guess[] {
  const numbers = new Map<CartMove, number>();
  for (const move of guesses.flatMap(({ done, read }) => [...done, ...read])) {
    if (!numbers.has(move)) numbers.set(move, numbers.size);
  }
  return [...new Map(guesses.map((guess) => [nameOf(guess, numbers), guess])).values()];
}

function nameOf({ value, done, read }: Guess, numbers: ReadonlyMap<CartMove, number>): string {
  const list = (moves: ReadonlySet<CartMove>) =>
    [...moves]
      .map((move) => numbers.get(move) ?? -1)
      .toSorted((a, b) => a - b)
      .join();
  return `${value} ${list(done)} ${list(read)}`;
}
