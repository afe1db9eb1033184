import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = 512;
const NAME_MAX = 100;
const PREFIX_MAX = 155;

/**
 * The files of a folder as a tar archive (POSIX ustar) that depends on their names, contents and executable
 * bits alone: sorted, without times and owners. The same tree gives the same bytes on any machine, which no
 * system's own `tar` promises. Links are followed.
 */
export function* tarArchive(directory: string): Generator<Buffer> {
  for (const path of filesOf(directory)) {
    const file = join(directory, path);
    const content = readFileSync(file);
    const isExecutable = (statSync(file).mode & 0o111) !== 0;
    yield header(path, content.length, isExecutable);
    yield content;
    const rest = content.length % BLOCK;
    if (rest > 0) yield Buffer.alloc(BLOCK - rest);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** With slashes, in the order of their bytes. */
function filesOf(directory: string, below = ''): string[] {
  return readdirSync(join(directory, below))
    .toSorted()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      return statSync(join(directory, path)).isDirectory() ? filesOf(directory, path) : [path];
    });
}

function header(path: string, size: number, isExecutable: boolean): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = splitName(path);
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
  block.write(name, 0);
  octal(isExecutable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** ustar keeps a path in two fields, divided at a slash. */
function splitName(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= NAME_MAX) return ['', path];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const fits = Buffer.byteLength(prefix) <= PREFIX_MAX && Buffer.byteLength(name) <= NAME_MAX;
    if (fits) return [prefix, name];
  }
  throw new Error(`the path is too long for an archive: ${path}`);
}
