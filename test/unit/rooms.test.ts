import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { tableOwners } from './house-rules.ts';

const top = join(import.meta.dirname, '../..');
const page = readFileSync(join(top, 'docs/architecture.md'), 'utf8');

/** One column of the table that follows `start`, without code marks. */
function cells(text: string, start: string, column: number): string[] {
  const [, after = ''] = text.split(start);
  const [table = ''] = /^\|.*(?:\n\|.*)*/m.exec(after) ?? [];
  return table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|')[column]?.replaceAll('`', '').trim() ?? '');
}

/** Folders that hold files: the second level everywhere, and the third in the app. */
function existingRooms(): string[] {
  const files = globSync('{app,lib,localstack,scripts,test}/*/**', { cwd: top, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(top.length + 1)
        .split('/'),
    );
  const rooms = files.map((parts) =>
    parts.slice(0, parts[0] === 'app' && parts.length > 3 ? 3 : 2).join('/'),
  );
  return [...new Set([...rooms, 'bin', 'docs'])].filter((room) => !roomsWithShared.has(room)).toSorted();
}

/** Rooms that contain rooms. Files directly inside them are shared by those rooms. */
const roomsWithShared = new Set(['app/http', 'app/platform', 'app/web']);

describe('docs/architecture.md', () => {
  it('names every folder, and no other', () => {
    expect(existingRooms().length).to.be.greaterThan(40);
    expect(cells(page, '## Rooms', 1).toSorted()).to.deep.equal(existingRooms());
  });

  it('names the owner of every table', () => {
    const [folders, tables] = [cells(page, '**Table owners.**', 1), cells(page, '**Table owners.**', 2)];
    const owners = folders.flatMap((folder, at) =>
      (tables[at] ?? '').split(', ').map((table) => [table, folder] as const),
    );
    expect(Object.fromEntries(owners)).to.deep.equal(tableOwners);
    const created = globSync('app/migrations/*.sql', { cwd: top }).flatMap((file) =>
      [...readFileSync(join(top, file), 'utf8').matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g)].map(
        ([, table = '']) => table,
      ),
    );
    expect(created.toSorted()).to.deep.equal(Object.keys(tableOwners).toSorted());
  });
});
