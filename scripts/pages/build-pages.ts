import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { type PageRoom, pageRooms } from '../../app/contract/page-files.ts';

export interface BuildPagesOptions {
  readonly top: string;
  /** Emptied before use; gets a folder for each room. */
  readonly directory: string;
}

/** Browsers of the last two years: `light-dark()` is the newest feature in use. */
const target = ['chrome123', 'firefox120', 'safari17.5'];

/** Customers call no operation of admins, so the shop does not load their addresses: 1 kB. */
const withoutAdminOperations: Plugin = {
  name: 'without-admin-operations',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]web[\\/]client[\\/]operations\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(
        /^ {2}\w+: \{ method: '\w+', path: '\/admin\/.*\n/gm,
        '',
      ),
    }));
  },
};

const { resolve } = createRequire(import.meta.url);
const fontLicence = () => join(resolve('@fontsource/dm-serif-display/package.json'), '../LICENSE');

/**
 * Bundles the pages of app/web: hashed scripts, styles and fonts, and an index.html that names them. Takes
 * less than a second.
 */
export async function buildPages({ top, directory }: BuildPagesOptions): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  await Promise.all(pageRooms.map((room) => buildRoom(top, directory, room)));
}

async function buildRoom(top: string, directory: string, room: PageRoom): Promise<void> {
  const folder = join(directory, room);
  const source = `app/web/${room}`;
  const options = {
    absWorkingDir: top,
    outdir: folder,
    bundle: true,
    minify: true,
    // Korean text as it is: escapes are twice as long.
    charset: 'utf8',
    format: 'esm',
    target,
    entryNames: '[name]-[hash]',
    metafile: true,
    logLevel: 'error',
  } as const;
  const main = await build({
    ...options,
    entryPoints: { [room]: `${source}/main.tsx`, style: `${source}/style.css` },
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: `/${room}`,
    loader: { '.woff2': 'file' },
    plugins: room === 'shop' ? [withoutAdminOperations] : [],
  });
  // Built for itself: a chunk that it shared would be another request before its own.
  const early =
    room === 'shop' ? await build({ ...options, entryPoints: [`${source}/early.ts`] }) : undefined;
  const outputs = [main, early].flatMap((built) => Object.entries(built?.metafile.outputs ?? {}));
  const builtFrom = (entry: string) => {
    const [path] = outputs.find(([, { entryPoint }]) => entryPoint === `${source}/${entry}`) ?? [];
    if (path === undefined) throw new Error(`${source}/${entry} was not built`);
    return `/${room}/${basename(path)}`;
  };
  const fonts = outputs.map(([path]) => basename(path)).filter((name) => name.endsWith('.woff2'));
  const html = readFileSync(join(top, source, 'page.html'), 'utf8')
    .replace('{{script}}', builtFrom('main.tsx'))
    .replace('{{style}}', builtFrom('style.css'))
    .replace('{{early}}', early === undefined ? '' : builtFrom('early.ts'))
    .replace('{{font}}', `/${room}/${fonts[0] ?? ''}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), html);
  copyFileSync(join(top, 'app/web/shared/icon.svg'), join(folder, 'icon.svg'));
  // The font's licence asks for a copy beside each copy of the font.
  copyFileSync(fontLicence(), join(folder, 'font-licence.txt'));
  // Figures of the console lead to its headings.
  if (room === 'console') copyFileSync(join(top, 'docs/runbook.md'), join(folder, 'runbook.txt'));
}
