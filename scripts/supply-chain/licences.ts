import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../run-command.ts';
import { installedPackages } from './installed-packages.ts';
import { licenceBreaches } from './licence-breaches.ts';
import { licenceExceptions } from './licence-rules.ts';

const top = join(import.meta.dirname, '../..');
const usage = `usage: npm run licences

Checks the licence of every installed package. Exits with 1 when one is not allowed.
`;

await runCommand(
  'licences',
  async () => {
    parseArgs();
    const packages = installedPackages(top);
    const counts = Map.groupBy(packages, ({ license = 'none' }) => license);
    for (const [license, named] of [...counts].toSorted((one, other) => other[1].length - one[1].length)) {
      process.stdout.write(`${String(named.length).padStart(5)}  ${license}\n`);
    }
    for (const { licence, packages: names, why } of licenceExceptions) {
      const found = packages.filter(({ name }) => names.test(name)).map(({ name }) => name);
      process.stdout.write(`${licence}, for ${found.join(', ')}: ${why}\n`);
    }
    const breaches = licenceBreaches(packages);
    for (const breach of breaches) process.stderr.write(`${breach}\n`);
    process.stdout.write(`${packages.length} packages, ${breaches.length} breaches\n`);
    return breaches.length === 0 ? 0 : 1;
  },
  usage,
);
