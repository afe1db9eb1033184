import { expect } from 'chai';
import { listPage } from '../../app/http/contract/list-page.ts';
import { encodeCursor } from '../../app/http/contract/page-cursor.ts';

describe('listPage', () => {
  /** A list that holds these rows and no others. */
  const pageOf = (rows: readonly string[], limit: number) =>
    listPage({
      limit,
      read: async (rowsMax) => rows.slice(0, rowsMax),
      keyOf: (row) => `after ${row}`,
    });

  it('shows at most the limit, with a cursor after the last row shown when more follow', async () => {
    expect(await pageOf(['a', 'b', 'c', 'd', 'e'], 3)).to.deep.equal({
      page: ['a', 'b', 'c'],
      nextCursor: encodeCursor(['after c']),
    });
  });

  it('returns no cursor for the last page, full or not', async () => {
    expect(await pageOf(['a', 'b'], 2)).to.deep.equal({ page: ['a', 'b'], nextCursor: null });
    expect(await pageOf(['a'], 2)).to.deep.equal({ page: ['a'], nextCursor: null });
    expect(await pageOf([], 2)).to.deep.equal({ page: [], nextCursor: null });
    expect(await pageOf(['a'], 0)).to.deep.equal({ page: [], nextCursor: null });
  });
});
