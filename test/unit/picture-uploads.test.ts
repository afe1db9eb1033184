import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { startPictureUploads } from '../faults/run/picture-uploads.ts';
import { until } from '../support/until.ts';

type Options = Parameters<typeof startPictureUploads>[0];
type Database = Parameters<ReturnType<typeof startPictureUploads>['unseen']>[0];

describe('the pictures of a fault run', () => {
  /** A picture from a shop that accepts every picture. The file is discarded. */
  async function acceptedPicture() {
    const imageId = newUuid();
    const asked: string[] = [];
    const pictures = startPictureUploads({
      shop: { admin: {}, productIds: ['p'] } as unknown as Options['shop'],
      operations: {
        ask: async (_shopper: unknown, _at: unknown, { path }: { path: string }) => {
          asked.push(path);
          return path.endsWith('/complete')
            ? { status: 200, body: {} }
            : { status: 201, body: { imageId, url: 'http://127.0.0.1:1/', headers: {} } };
        },
      } as unknown as Options['operations'],
      urls: ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    });
    await until('one is accepted', () => asked.some((path) => path.endsWith('/complete')));
    await pictures.stop();
    return { imageId, pictures };
  }

  const holding = (rows: readonly object[]) => ({ read: async () => rows }) as unknown as Database;

  it('are reported when they are not ready, and when the shop has lost them', async () => {
    const { imageId, pictures } = await acceptedPicture();
    const row = (status: string) => ({ id: uuidBytes(imageId), status });
    expect(await pictures.unseen(holding([row('READY')]))).to.equal(0);
    expect(await pictures.unseen(holding([row('PROCESSING')]))).to.equal(1);
    expect(await pictures.unseen(holding([]))).to.equal(1);
  });
});
