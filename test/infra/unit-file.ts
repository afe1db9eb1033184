import { readFileSync } from 'node:fs';

export interface UnitFile {
  /** Every value of a key, in order, over all sections. */
  all(key: string): string[];
  /** The only value of a key; throws where there are none or several. */
  one(key: string): string;
  /** The variables of all Environment= lines. */
  environment(): Record<string, string>;
}

/** Parses a systemd unit, limited to the syntax of this project's units: no continued lines, no quotes. */
export function unitFile(path: string): UnitFile {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^[A-Za-z]+=/.test(line));
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  return {
    all,
    one: (key) => {
      const [value, ...more] = all(key);
      if (value === undefined || more.length > 0) throw new Error(`${path}: not one ${key}`);
      return value;
    },
    environment: () =>
      Object.fromEntries(
        all('Environment')
          .flatMap((line) => line.split(' '))
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      ),
  };
}
