import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect } from 'chai';

const top = join(import.meta.dirname, '../..');
const groups = ['Start', 'Concepts', 'Operate', 'Reference', 'Evidence'];

type Pages = Readonly<Record<string, string>>;

/** Every Markdown page at the top and in docs, by its path. */
function readPages(): Pages {
  const files = globSync(['*.md', 'docs/**/*.md'], { cwd: top });
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(top, file), 'utf8')]));
}

/** Paths that docs/index.md links to, by its headings. */
function indexedPages(index: string): Map<string, string[]> {
  const sections = index.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => [
      section.split('\n')[0] ?? '',
      linksIn(section).map(({ path }) => posix.join('docs', path)),
    ]),
  );
}

function unlistedPages(pages: Pages): string[] {
  const listed = [...indexedPages(pages['docs/index.md'] ?? '').values()].flat();
  return Object.keys(pages).filter(
    (path) => path.startsWith('docs/') && path !== 'docs/index.md' && !listed.includes(path),
  );
}

function linksIn(text: string): { path: string; heading: string }[] {
  const links = text
    .replaceAll(/^```.*?^```$/gms, '')
    .matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...links].map(([, path = '', heading = '']) => ({ path, heading }));
}

/** Anchors that GitHub generates for headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

function deadLinks(pages: Pages): string[] {
  return Object.entries(pages).flatMap(([from, text]) =>
    linksIn(text).flatMap(({ path, heading }) => {
      const target = path === '' ? from : posix.normalize(posix.join(dirname(from), path));
      if (pages[target] === undefined && !existsSync(join(top, target))) return [`${from}: ${target}`];
      const anchors = anchorsOf(pages[target] ?? '');
      return heading === '' || anchors.includes(heading) ? [] : [`${from}: ${target}#${heading}`];
    }),
  );
}

/** Files and folders that a page names by a path from the top, in a link or not, and that are missing. */
function goneFiles(pages: Pages): string[] {
  const rooms = '(?:app|bin|lib|localstack|scripts|test|docs)';
  const path = new RegExp(
    `(?<![\\w./-])${rooms}/[\\w/.-]*\\.(?:ts|md|sh|sql|py|json|svg|mjs|yaml)\\b` +
      `|(?<=\`)${rooms}/[\\w/.-]*(?=\`)`,
    'g',
  );
  // A changelog may name files that no longer exist.
  const { 'CHANGELOG.md': _, ...current } = pages;
  return Object.entries(current).flatMap(([page, text]) =>
    (text.match(path) ?? []).filter((file) => !existsSync(join(top, file))).map((file) => `${page}: ${file}`),
  );
}

/** Names of other programs. */
const foreignNames: readonly string[] = ['npm_config_omit', 'local_infile'];

/** Problem codes, log events, tables and columns (`snake_case`) that a page names and the source lacks. */
function unknownNames(pages: Pages): string[] {
  const files = globSync(['{app,lib,localstack,scripts}/**/*.{ts,sql,sh}'], { cwd: top });
  const source = files.map((file) => readFileSync(join(top, file), 'utf8')).join('\n');
  const known = new Set([...(source.match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g) ?? []), ...foreignNames]);
  const { 'CHANGELOG.md': _, ...current } = pages;
  return Object.entries(current).flatMap(([page, text]) =>
    [...text.matchAll(/(?<=`)[a-z]+(?:_[a-z0-9]+)+(?=`)/g)]
      .filter(([name]) => !known.has(name))
      .map(([name]) => `${page}: ${name}`),
  );
}

describe('the pages of the documentation', () => {
  const pages = readPages();

  it('are all listed in docs/index.md, in five groups', () => {
    expect([...indexedPages(pages['docs/index.md'] ?? '').keys()]).to.deep.equal(groups);
    expect(unlistedPages(pages)).to.deep.equal([]);
  });

  it('have no broken link or anchor', () => {
    expect(Object.values(pages).flatMap(linksIn).length).to.be.greaterThan(60);
    expect(deadLinks(pages)).to.deep.equal([]);
  });

  it('name only files and folders that exist', () => {
    expect(goneFiles(pages)).to.deep.equal([]);
    const made = {
      'docs/a.md': 'lib/gone.ts, `lib/gone/`, lib/rowlock-stacks.ts, `lib/settings`, `orders/gone.ts`',
    };
    expect(goneFiles(made)).to.deep.equal(['docs/a.md: lib/gone.ts', 'docs/a.md: lib/gone/']);
  });

  it('name only codes, log events and columns that the source has', () => {
    expect(unknownNames(pages)).to.deep.equal([]);
    expect(unknownNames({ 'docs/a.md': '`rate_limited`, `quota_exceeded`' })).to.deep.equal([
      'docs/a.md: quota_exceeded',
    ]);
  });

  it('are reported when one is unlisted or a link is broken', () => {
    const made: Pages = {
      'docs/index.md': '## Start\n[a](a.md) [gone](gone.md) [anchor](a.md#none) [sound](a.md#b-and-c)\n',
      'docs/a.md': '# A\n\n## `B`, and C\n',
      'docs/unlisted.md': '',
    };
    expect(unlistedPages(made)).to.deep.equal(['docs/unlisted.md']);
    expect(deadLinks(made)).to.deep.equal(['docs/index.md: docs/gone.md', 'docs/index.md: docs/a.md#none']);
  });
});
