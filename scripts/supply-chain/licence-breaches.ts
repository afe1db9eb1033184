import { allowedLicences, licenceExceptions } from './licence-rules.ts';
import type { LockedPackage } from './locked-packages.ts';

/**
 * One line per package whose licence is neither allowed nor excepted, and per exception that no package
 * needs.
 */
export function licenceBreaches(
  packages: readonly Pick<LockedPackage, 'name' | 'version' | 'license'>[],
): string[] {
  const needed = new Set<string>();
  const breaches = packages.flatMap(({ name, version, license }) => {
    if (license === undefined) return [`${name}@${version}: no licence`];
    const excepted = licenceExceptions.filter((exception) => exception.packages.test(name));
    const extra = excepted.map(({ licence }) => licence);
    if (isLicenceAllowed(license, allowedLicences)) return [];
    for (const { licence } of excepted) needed.add(licence);
    return isLicenceAllowed(license, new Set([...allowedLicences, ...extra]))
      ? []
      : [`${name}@${version}: ${license}`];
  });
  const unneeded = licenceExceptions
    .filter(({ licence }) => !needed.has(licence))
    .map(({ licence }) => `no package needs the exception for ${licence}`);
  return [...breaches, ...unneeded];
}

/**
 * SPDX: `A OR B` needs one allowed licence, `A AND B` both; AND binds closer. Throws for an invalid
 * expression.
 */
export function isLicenceAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`no SPDX expression: ${expression}`);
  };
  const term = (): boolean => {
    const token = tokens[at++] ?? fail();
    if (token === '(') {
      const inner = either();
      return tokens[at++] === ')' ? inner : fail();
    }
    return /^[A-Za-z0-9.+-]+$/.test(token) && token !== 'AND' && token !== 'OR' ? allowed.has(token) : fail();
  };
  const both = (): boolean => {
    let result = term();
    while (tokens[at] === 'AND') {
      at += 1;
      result = term() && result;
    }
    return result;
  };
  const either = (): boolean => {
    let result = both();
    while (tokens[at] === 'OR') {
      at += 1;
      result = both() || result;
    }
    return result;
  };
  const result = either();
  return at === tokens.length ? result : fail();
}
