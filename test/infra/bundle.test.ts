import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { nativePackages } from '../../scripts/bundle/native-packages.ts';
import { writeArchive } from '../../scripts/bundle/write-archive.ts';
import { temporaryFolder } from '../support/shop/fresh-clone.ts';

const longPath = `${'deep/'.repeat(20)}file`;

function tree(): string {
  const directory = temporaryFolder('rowlock-tree-');
  const put = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
    chmodSync(join(directory, path), mode);
  };
  put('bin/node', 'x'.repeat(1025), 0o755);
  put('app/main.mjs', 'main');
  put(longPath, 'far away');
  put('empty', '');
  return directory;
}

describe('the bundle as an archive', () => {
  it('is byte-identical for the same content, whenever and by whom it is built', async () => {
    const [one, two] = [tree(), tree()];
    utimesSync(join(two, 'app/main.mjs'), 1, 1);
    chmodSync(join(two, 'app/main.mjs'), 0o600);
    const first = await writeArchive(one, join(one, '../one.tar.gz'));
    const second = await writeArchive(two, join(two, '../two.tar.gz'));
    expect(second.sha256).to.equal(first.sha256);
  });

  it('differs when a byte, a name or a permission differs', async () => {
    const original = tree();
    const { sha256 } = await writeArchive(original, `${original}.tar.gz`);
    const changes: ((directory: string) => void)[] = [
      (directory) => writeFileSync(join(directory, 'app/main.mjs'), 'Main'),
      (directory) => writeFileSync(join(directory, 'app/more.mjs'), ''),
      (directory) => chmodSync(join(directory, 'bin/node'), 0o644),
    ];
    for (const change of changes) {
      const changed = tree();
      change(changed);
      expect((await writeArchive(changed, `${changed}.tar.gz`)).sha256).to.not.equal(sha256);
    }
  });

  it("is unpacked by the system's tar, with permissions and deep paths", async () => {
    const directory = tree();
    await writeArchive(directory, `${directory}.tar.gz`);
    const target = temporaryFolder('rowlock-unpacked-');
    execFileSync('tar', ['-xpzf', `${directory}.tar.gz`, '-C', target]);
    for (const path of ['bin/node', 'app/main.mjs', longPath, 'empty']) {
      expect(readFileSync(join(target, path)).equals(readFileSync(join(directory, path))), path).to.equal(
        true,
      );
    }
    expect(statSync(join(target, 'bin/node')).mode & 0o777).to.equal(0o755);
  });

  it('is not rebuilt while nothing has changed', async () => {
    const directory = tree();
    const file = `${directory}.tar.gz`;
    expect((await writeArchive(directory, file)).isNew).to.equal(true);
    expect((await writeArchive(directory, file)).isNew).to.equal(false);
  });

  it('fails when a file cannot be read, and writes nothing', async () => {
    const directory = tree();
    symlinkSync('nowhere', join(directory, 'link'));
    const failure = await writeArchive(directory, `${directory}.tar.gz`).then(String, String);
    expect(failure).to.contain('ENOENT');
    expect(existsSync(`${directory}.tar.gz`)).to.equal(false);
  });

  it('contains native packages of the app with their dependencies', () => {
    const top = temporaryFolder('rowlock-natives-');
    const manifest = (folder: string, content: object) => {
      mkdirSync(join(top, folder), { recursive: true });
      writeFileSync(join(top, folder, 'package.json'), JSON.stringify(content));
    };
    manifest('', { dependencies: { sharp: '1', express: '5' } });
    manifest('node_modules/sharp', {
      dependencies: { detect: '1' },
      optionalDependencies: { '@img/sharp-linux-arm64': '1', '@img/sharp-darwin-arm64': '1' },
    });
    manifest('node_modules/detect', {});
    manifest('node_modules/@img/sharp-linux-arm64', {});
    expect(nativePackages(top, join(top, 'node_modules'))).to.deep.equal([
      '@img/sharp-linux-arm64',
      'detect',
      'sharp',
    ]);
    manifest('', { devDependencies: { sharp: '1' } });
    expect(nativePackages(top, join(top, 'node_modules'))).to.deep.equal([]);
  });
});
