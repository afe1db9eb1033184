import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AdminClient, adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import {
  type Announced,
  type ImageUploads,
  imageUploads,
  objectsOf,
  picture,
  postForm,
  putFile,
} from '../support/shop/image-uploads.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

type Bytes = Buffer<ArrayBuffer>;

const sha256Base64 = (bytes: Bytes) => createHash('sha256').update(bytes).digest('base64');
/** A change that a user can make to an upload form. */
type Change = (announced: Announced) => { fields: Record<string, string>; bytes: Bytes };

describe('a presigned upload accepts only the announced file', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let uploads: ImageUploads;
  let file: Bytes;
  let other: Bytes;
  before(async () => {
    app = await shop.start(['api', 'worker']);
    admin = await adminClient(shop, app);
    uploads = imageUploads(shop, admin, await admin.newProduct());
    file = await picture('png');
    other = randomBytes(file.length);
  });

  const announce = async (method: 'post' | 'put') => (await uploads.announce(file, { method })).body;
  const codeOf = async (response: Response) => {
    const text = await response.text();
    return `${response.status} ${/<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? ''}`.trimEnd();
  };
  const without = (fields: Record<string, string>, names: RegExp) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !names.test(name)));

  const wrongForms: Record<string, [answer: string, change: Change]> = {
    'another key under uploads/': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: { ...fields, key: `${fields['key']}-2` }, bytes: file }),
    ],
    'a public key': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: { ...fields, key: 'images/anything.webp' }, bytes: file }),
    ],
    'another type': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: { ...fields, 'Content-Type': 'text/html' }, bytes: file }),
    ],
    'no type': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: without(fields, /^Content-Type$/), bytes: file }),
    ],
    'one additional byte': [
      '400 EntityTooLarge',
      ({ fields }) => ({ fields, bytes: Buffer.concat([file, Buffer.alloc(1)]) }),
    ],
    'one missing byte': ['400 EntityTooSmall', ({ fields }) => ({ fields, bytes: file.subarray(0, -1) })],
    'other bytes': ['400 InvalidRequest', ({ fields }) => ({ fields, bytes: other })],
    'other bytes with their own checksum': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: { ...fields, 'x-amz-checksum-sha256': sha256Base64(other) }, bytes: other }),
    ],
    'other bytes without a checksum': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: without(fields, /^x-amz-checksum/), bytes: other }),
    ],
    'no signature': [
      '403 AccessDenied',
      ({ fields }) => ({ fields: without(fields, /^X-Amz-/), bytes: file }),
    ],
  };
  for (const [what, [answer, change]] of Object.entries(wrongForms)) {
    it(`by form: rejects ${what}`, async () => {
      const announced = await announce('post');
      const { fields, bytes } = change(announced);
      expect(await codeOf(await postForm({ url: announced.url, fields }, bytes))).to.equal(answer);
      expect(await objectsOf(shop, announced.imageId)).to.deep.equal([]);
      expect((await postForm(announced, file)).status, 'as announced').to.equal(204);
    });
  }

  it('by form: the policy names every field, otherwise S3 would reject it', async () => {
    const { fields } = await announce('post');
    const policy = JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString()) as {
      conditions: (Record<string, string> | [operator: string, ...rest: unknown[]])[];
    };
    const conditions = policy.conditions.filter((condition) => !Array.isArray(condition));
    const exact = Object.assign({}, ...conditions) as Record<string, string>;
    for (const [name, value] of Object.entries(without(fields, /^(Policy|X-Amz-Signature)$/)))
      expect(exact[name], name).to.equal(value);
    expect(policy.conditions).to.deep.include(['content-length-range', file.length, file.length]);
  });

  const wrongPuts: Record<string, [answer: string, send: (announced: Announced) => Promise<Response>]> = {
    'another key': [
      '403 SignatureDoesNotMatch',
      (announced) => putFile({ ...announced, url: announced.url.replace('uploads/', 'images/') }, file),
    ],
    'another signature': [
      '403 SignatureDoesNotMatch',
      (announced) =>
        putFile({ ...announced, url: announced.url.replace(/(X-Amz-Signature=)\w{8}/, '$100000000') }, file),
    ],
    'a later expiry': [
      '403 SignatureDoesNotMatch',
      (announced) =>
        putFile({ ...announced, url: announced.url.replace('Expires=300', 'Expires=3000') }, file),
    ],
    'another type': [
      '403 SignatureDoesNotMatch',
      ({ url, headers }) => putFile({ url, headers: { ...headers, 'Content-Type': 'text/html' } }, file),
    ],
    'an additional header': [
      '403 AccessDenied',
      ({ url, headers }) => putFile({ url, headers: { ...headers, 'x-amz-acl': 'public-read' } }, file),
    ],
    'one additional byte': [
      '403 SignatureDoesNotMatch',
      (announced) => putFile(announced, Buffer.concat([file, Buffer.alloc(1)])),
    ],
    'other bytes': ['400 BadDigest', (announced) => putFile(announced, other)],
    'other bytes with their own checksum': [
      '403 SignatureDoesNotMatch',
      ({ url, headers }) =>
        putFile({ url, headers: { ...headers, 'x-amz-checksum-sha256': sha256Base64(other) } }, other),
    ],
    'other bytes without a checksum': [
      '403 SignatureDoesNotMatch',
      ({ url, headers }) => putFile({ url, headers: without(headers, /^x-amz-checksum/) }, other),
    ],
    'reading the object': ['403 SignatureDoesNotMatch', ({ url }) => fetch(url)],
    'deleting the object': ['403 SignatureDoesNotMatch', ({ url }) => fetch(url, { method: 'DELETE' })],
  };
  for (const [what, [answer, send]] of Object.entries(wrongPuts)) {
    it(`by PUT: rejects ${what}`, async () => {
      const announced = await announce('put');
      expect(await codeOf(await send(announced))).to.equal(answer);
      expect(await objectsOf(shop, announced.imageId)).to.deep.equal([]);
      expect((await putFile(announced, file)).status, 'as announced').to.equal(200);
    });
  }

  for (const method of ['post', 'put'] as const) {
    it(`by ${method.toUpperCase()}: the announced image is accepted and published`, async () => {
      const { imageId, status } = await uploads.upload(file, { method });
      expect(status).to.equal(200);
      const { variants } = await uploads.untilStatus(imageId, 'READY');
      for (const { url } of variants)
        expect((await fetch(url)).headers.get('content-type')).to.equal('image/webp');
    });

    it(`by ${method.toUpperCase()}: rejects an expired request, and the image stays announced`, async () => {
      const quick = await shop.start(['api'], { env: { IMAGE_UPLOAD_TTL_S: '2' } });
      const hasty = imageUploads(shop, admin.at(quick.url), await admin.newProduct());
      const announced = (await hasty.announce(file, { method })).body;
      await until(
        'it has expired',
        async () => {
          // Sends other bytes than announced, so that an attempt within the time limit stores nothing either.
          const sent = await (method === 'post' ? postForm(announced, other) : putFile(announced, other));
          return /expired/.test(await sent.text());
        },
        { intervalMs: 200 },
      );
      const late = await (method === 'post' ? postForm(announced, file) : putFile(announced, file));
      expect(late.status).to.equal(403);
      expect(await objectsOf(shop, announced.imageId)).to.deep.equal([]);
      expect((await hasty.complete(announced.imageId)).body.code).to.equal('upload_incomplete');
    });
  }
});

describe('a page from another origin', () => {
  const shop = useTestShop();
  const Origin = 'https://shop.example';
  let announced: Announced;
  let file: Bytes;
  before(async () => {
    const app = await shop.start(['api']);
    const admin = await adminClient(shop, app);
    file = await picture('png');
    announced = (await imageUploads(shop, admin, await admin.newProduct()).announce(file)).body;
  });

  const preflight = (method: string, headers = '') =>
    fetch(announced.url, {
      method: 'OPTIONS',
      headers: {
        Origin,
        'Access-Control-Request-Method': method,
        ...(headers === '' ? {} : { 'Access-Control-Request-Headers': headers }),
      },
    });

  it('may send the headers of a presigned request, according to the bucket', async () => {
    for (const [method, headers] of [
      ['POST', 'content-type'],
      ['PUT', 'content-type,x-amz-checksum-sha256'],
    ] as const) {
      const answer = await preflight(method, headers);
      expect(answer.status).to.equal(200);
      expect(answer.headers.get('access-control-allow-origin')).to.be.oneOf(['*', Origin]);
      expect(answer.headers.get('access-control-allow-methods')).to.include(method);
      const allowed = answer.headers.get('access-control-allow-headers') ?? '';
      for (const header of headers.split(',')) expect(allowed).to.include(header);
    }
  });

  it('may not read, replace or delete objects', async () => {
    for (const method of ['GET', 'DELETE', 'HEAD']) expect((await preflight(method)).status).to.equal(403);
  });

  it('can read the response to its upload', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(announced.fields)) form.append(name, value);
    form.append('file', new Blob([file]));
    const sent = await fetch(announced.url, { method: 'POST', body: form, headers: { Origin } });
    expect(sent.status).to.equal(204);
    expect(sent.headers.get('access-control-allow-origin')).to.be.oneOf(['*', Origin]);
    expect(sent.headers.get('access-control-expose-headers')).to.include('ETag');
  });
});
