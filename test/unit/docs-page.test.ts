import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { docsPage } from '../../app/http/docs/docs-page.ts';
import { openApiDocument } from '../../app/http/contract/openapi.ts';
import { defineRoute } from '../../app/http/contract/route.ts';

const HOSTILE = `<script>alert("1")</script>&'`;

/** Renders a document in which everything that a developer can write is hostile. */
function hostilePage(): string {
  const route = defineRoute({
    id: 'makeThing',
    method: 'post',
    path: '/things/:thingId',
    tag: 'Catalogue',
    summary: `Makes a thing. ${HOSTILE} \`code ${HOSTILE}\``,
    access: 'operator',
    schema: {
      path: z.object({ thingId: z.string().meta({ description: HOSTILE }) }),
      query: z.object({ [`a${HOSTILE}`]: z.enum([HOSTILE, 'b']).optional() }),
      body: z.strictObject({
        [HOSTILE]: z.literal(HOSTILE),
        list: z.array(z.int().min(1).max(9)).optional(),
      }),
    },
    replies: { 200: z.object({ [HOSTILE]: z.union([z.string().max(5), z.null()]) }), 204: null },
    handle: async () => ({ status: 200 }),
  });
  return docsPage(openApiDocument([route]));
}

describe('the page of the API', () => {
  it('escapes all text of the document', () => {
    const page = hostilePage();
    expect(page).not.to.match(/<script|alert\("1"\)/i);
    expect(page).to.include('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
  });

  it('shows schemas as an outline', () => {
    const page = hostilePage();
    expect(page).to.include('list?: [integer (1…9)]');
    expect(page).to.include('string (…5) | null');
    expect(page).to.include('Answer 204, without a body');
    expect(page).to.include('>operator<');
  });

  it('has the colours of the shop and the console', () => {
    const colours = (text: string) =>
      new Map(
        [...text.matchAll(/(--[\w-]+):\s*(light-dark\([^)]*\))/g)].map(([, name = '', value]) => [
          name,
          value,
        ]),
      );
    const tokens = colours(
      readFileSync(join(import.meta.dirname, '../../app/web/shared/tokens.css'), 'utf8'),
    );
    const own = colours(hostilePage());
    expect(own.size).to.be.greaterThan(8);
    for (const [name, value] of own) expect(value, name).to.equal(tokens.get(name));
  });
});
