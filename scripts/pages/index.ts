import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { runCommand } from '../run-command.ts';
import { buildPages } from './build-pages.ts';
import { pageSizes } from './page-sizes.ts';

const top = join(import.meta.dirname, '../..');
const usage = `usage: npm run pages [-- FOLDER]

Builds the pages of shop and console, by default into .local/pages, and prints their sizes.
`;

await runCommand(
  'pages',
  async () => {
    const { positionals } = parseArgs({ allowPositionals: true });
    const directory = resolve(positionals[0] ?? join(top, '.local/pages'));
    const startMs = performance.now();
    await buildPages({ top, directory });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(2);
    process.stdout.write(`pages written to ${directory} in ${seconds} s\n`);
    for (const { room, scriptBytes, chartBytes, styleBytes } of pageSizes(directory)) {
      const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
      const chart = chartBytes === 0 ? '' : `, chart ${kilobytes(chartBytes)}`;
      process.stdout.write(
        `  ${room}: script ${kilobytes(scriptBytes)}${chart}, style ${kilobytes(styleBytes)} compressed\n`,
      );
    }
    return 0;
  },
  usage,
);
