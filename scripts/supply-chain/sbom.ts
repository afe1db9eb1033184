import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../run-command.ts';
import { lockedPackages } from './locked-packages.ts';
import { billBreaches, softwareBill } from './software-bill.ts';

const top = join(import.meta.dirname, '../..');
const usage = `usage: npm run sbom [-- FILE]

Writes the software bill of materials in CycloneDX format, by default to .local/sbom/rowlock.cdx.json. Works
without a network. Exits with 1 when it lacks a package of the lock file.
`;

await runCommand(
  'sbom',
  async () => {
    const { positionals } = parseArgs({ allowPositionals: true });
    const file = resolve(positionals[0] ?? join(top, '.local/sbom/rowlock.cdx.json'));
    const packages = lockedPackages(top);
    const bill = softwareBill(top, packages);
    const breaches = billBreaches(bill, packages);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(bill, undefined, 2)}\n`);
    for (const breach of breaches) process.stderr.write(`${breach}\n`);
    const required = bill.components.filter(({ scope }) => scope === 'required').length;
    process.stdout.write(
      `${relative(process.cwd(), file)}: CycloneDX ${bill.specVersion}, ` +
        `${bill.components.length} components, ${required} of them required at run time, ` +
        `${breaches.length} breaches\n`,
    );
    return breaches.length === 0 ? 0 : 1;
  },
  usage,
);
