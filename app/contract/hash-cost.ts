/** What a password hash costs. */
export type HashCost =
  | {
      readonly scheme: 'argon2id';
      readonly memoryKib: number;
      /** Passes over the memory: Argon2's t. */
      readonly passes: number;
    }
  /** The scheme of earlier releases. */
  | { readonly scheme: 'scrypt' /** log2 of N; r is 8 and p is 1. */; readonly costLog2: number };

/** Whether a process could derive keys at this cost. Bounds memory and time of one log-in. */
export function isHashCost(cost: HashCost): boolean {
  return cost.scheme === 'scrypt'
    ? isWithin(cost.costLog2, 12, 20)
    : isWithin(cost.memoryKib, 1024, 1_048_576) && isWithin(cost.passes, 1, 16);
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
