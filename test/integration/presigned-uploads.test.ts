import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AdminClient, adminClient } from '../support/admin-client.ts';
import { describeOnLocalStack } from '../support/describe-on-localstack.ts';
import { useTestShop } from '../support/test-shop.ts';

describeOnLocalStack('a presigned upload allows nothing but what was announced', () => {
  const shop = useTestShop();
  const file = randomBytes(500);
  let admin: AdminClient;
  let productId: string;
  before(async () => {
    const app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    productId = await admin.newProduct();
  });

  const announce = async (method: 'post' | 'put') =>
    (
      await admin.post(`/admin/products/${productId}/images?method=${method}`, {
        contentType: 'image/png',
        size: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
      })
    ).body;

  const put = (url: string, headers: Record<string, string>) =>
    fetch(url, { method: 'PUT', headers, body: file });

  const post = (url: string, fields: Record<string, string>, bytes: Buffer<ArrayBuffer>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([bytes]));
    return fetch(url, { method: 'POST', body: form });
  };

  it('by PUT: this key, this type, this signature', async () => {
    const { url, headers, imageId } = await announce('put');
    const otherKey = url.replace(imageId, '00000000-0000-7000-8000-000000000000');
    const otherSignature = url.replace(/X-Amz-Signature=./, (start: string) =>
      start.endsWith('0') ? `${start.slice(0, -1)}1` : `${start.slice(0, -1)}0`,
    );
    expect((await put(otherKey, headers)).status).to.equal(403);
    expect((await put(otherSignature, headers)).status).to.equal(403);
    expect((await put(url, { ...headers, 'Content-Type': 'text/html' })).status).to.equal(403);
    expect((await put(url, headers)).status).to.equal(200);
  });

  it('by form: this key, this type, this size', async () => {
    const { url, fields } = await announce('post');
    const wrong: [fields: Record<string, string>, bytes: Buffer<ArrayBuffer>][] = [
      [fields, randomBytes(file.length + 1)],
      [fields, randomBytes(file.length - 1)],
      [{ ...fields, 'Content-Type': 'text/html' }, file],
      [{ ...fields, key: 'images/anything.png' }, file],
    ];
    for (const [given, bytes] of wrong) expect((await post(url, given, bytes)).status).to.be.within(400, 403);
    expect((await post(url, fields, file)).status).to.be.within(200, 204);
  });
});
