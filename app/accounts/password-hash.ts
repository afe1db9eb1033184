/** How a password hash is written down. */
import { type HashCost, isHashCost } from '../contract/hash-cost.ts';

export interface PasswordHash {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * The part of a stored hash that comes before its salt: the same for hashes of the same cost, and only for
 * them. Argon2id is written as a PHC string, version 19 with one lane.
 */
export function hashPrefix(cost: HashCost): string {
  return cost.scheme === 'argon2id'
    ? `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`
    : `scrypt$${cost.costLog2}$`;
}

/** ASCII, at most 120 characters. */
export function formatHash({ cost, salt, hash }: PasswordHash): string {
  // A PHC string is base64 without padding.
  const encode = (bytes: Buffer) =>
    cost.scheme === 'argon2id' ? bytes.toString('base64').replaceAll('=', '') : bytes.toString('base64url');
  return `${hashPrefix(cost)}${encode(salt)}$${encode(hash)}`;
}

const STORED =
  /^(?:\$argon2id\$v=19\$m=(?<memoryKib>\d+),t=(?<passes>\d+),p=1|scrypt\$(?<costLog2>\d+))\$(?<salt>[^$]+)\$(?<hash>[^$]+)$/;

/** Undefined for any other text than `formatHash` writes, or another cost: no password has such a hash. */
export function parseHash(stored: string): PasswordHash | undefined {
  const { memoryKib, passes, costLog2, salt, hash } = STORED.exec(stored)?.groups ?? {};
  if (salt === undefined || hash === undefined) return undefined;
  // Node reads both alphabets of base64.
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  const cost: HashCost =
    costLog2 === undefined
      ? { scheme: 'argon2id', memoryKib: Number(memoryKib), passes: Number(passes) }
      : { scheme: 'scrypt', costLog2: Number(costLog2) };
  return isHashCost(cost) ? { cost, ...bytes } : undefined;
}
