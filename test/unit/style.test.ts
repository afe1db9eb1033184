import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { houseRules } from './house-rules.ts';
import type { SourceFile } from './imports-of.ts';
import { lineWidth } from './line-width.ts';

const top = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['app', 'bin', 'lib', 'scripts', 'localstack', 'test', 'docs', '.ci'];
const isText = (name: string) =>
  /\.(ts|js|mjs|json|jsonc|md|sh|sql|lua|yaml|yml|html|css|service|txt)$|^[^.]+$/.test(name);

function readSources(): SourceFile[] {
  // docs/ may be empty, and git does not keep empty folders.
  const present = folders.filter((folder) => existsSync(join(top, folder)));
  const inFolders = present.flatMap((folder) =>
    readdirSync(join(top, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && isText(entry.name))
      .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
  );
  // In a worktree, .git is a file that names the path of its repository.
  const atTop = readdirSync(top, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== '.git',
  );
  return [...inFolders, ...atTop.map(({ name }) => name)].map((path) => ({
    path,
    text: readFileSync(join(top, path), 'utf8'),
  }));
}

describe('the house rules', () => {
  let files: readonly SourceFile[];

  before(() => {
    files = readSources();
    expect(files.length, 'files read').to.be.greaterThan(50);
  });

  for (const rule of [...houseRules, lineWidth]) {
    it(rule.title, () => {
      expect(rule.violations(files)).to.deep.equal([]);
    });

    it(`detects a violation: ${rule.title}`, () => {
      for (const example of rule.broken) {
        const breach = [example].flat();
        expect(rule.violations(breach), breach[0]?.path).to.have.lengthOf(1);
      }
    });
  }
});
