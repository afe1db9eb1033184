import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { authorisationTable, callerNames } from '../integration/http/authorisation-table.ts';
import { testTitles } from '../support/test-titles.ts';

const top = join(import.meta.dirname, '../..');
const page = readFileSync(join(top, 'docs/security.md'), 'utf8');
/** Minimum length of a title: a search would find shorter titles anywhere. */
const TITLE_MIN_LENGTH = 9;

interface Proof {
  readonly file: string;
  readonly titles: readonly string[];
}

/** The rows of the table of threats. */
function threats(text: string): { threat: string; proofs: Proof[]; rest: string }[] {
  const [, section = ''] = text.split('\n## Threats\n');
  const rows = section.split('\n## ')[0]?.match(/^\| .* \|$/gm) ?? [];
  return rows.slice(1).map((row) => {
    const [threat = '', , proof = ''] = row.slice(2, -2).split(' | ');
    const proofs = [...proof.matchAll(/`(test\/[^`]+)`((?: “[^”]+”)*)/g)].map(
      ([, file = '', titles = '']) => ({
        file,
        titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
      }),
    );
    return { threat, proofs, rest: proof.replaceAll(/`test\/[^`]+`(?: “[^”]+”)+(?: · )?/g, '') };
  });
}

function faultsOf(text: string): string[] {
  return threats(text).flatMap(({ threat, proofs, rest }) => [
    ...(proofs.length === 0 ? [`${threat}: no test`] : []),
    ...(rest === '' ? [] : [`${threat}: cannot be read: ${rest}`]),
    ...proofs.flatMap(({ file, titles }) => {
      if (!existsSync(join(top, file))) return [`${threat}: there is no ${file}`];
      const known = testTitles(join(top, file));
      return titles
        .filter((title) => title.length < TITLE_MIN_LENGTH || !known.some((one) => one.includes(title)))
        .map((title) => `${threat}: ${file} has no test “${title}”`);
    }),
  ]);
}

describe('docs/security.md', () => {
  it('names an existing test for each threat', () => {
    expect(threats(page).length).to.be.greaterThan(40);
    expect(faultsOf(page)).to.deep.equal([]);
  });

  it('is reported when a test is renamed, removed or not named', () => {
    const row = (proof: string) =>
      `\n## Threats\n\n| threat | what | proved by |\n|---|---|---|\n| T | W | ${proof} |\n`;
    const own = '`test/unit/security-docs.test.ts`';
    expect(faultsOf(row(`${own} “names an existing test for each threat”`))).to.deep.equal([]);
    expect(faultsOf(row(`${own} “has another title now”`))).to.have.lengthOf(1);
    expect(
      faultsOf(row('`test/unit/gone.test.ts` “names an existing test for each threat”')),
    ).to.have.lengthOf(1);
    expect(faultsOf(row('common sense'))).to.have.lengthOf(2);
    expect(faultsOf(row(own))).to.have.lengthOf(1);
  });

  it('states the size of the matrix', () => {
    const [routes, callers] = [authorisationTable.size, callerNames.length];
    expect(page).to.include(`${routes} routes × ${callers} callers = ${routes * callers} cells`);
  });

  it('and SECURITY.md link to existing files', () => {
    for (const [name, text] of [
      ['docs', page],
      ['.', readFileSync(join(top, 'SECURITY.md'), 'utf8')],
    ] as const) {
      const links = [...text.matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(([, href = '']) => href);
      expect(links.length).to.be.greaterThan(0);
      for (const href of links) expect(existsSync(join(top, name, href)), href).to.equal(true);
    }
  });
});
