import { expect } from 'chai';
import { mskIamToken } from '../../app/platform/kafka/msk-iam-token.ts';

/** The usual example credentials. The expected signatures are those of aws-msk-iam-sasl-signer-js 1.0.1. */
const accessKeyId = 'AKIDEXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const now = new Date('2026-03-01T12:34:56.000Z');

function queryOf(sessionToken?: string) {
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const token = mskIamToken({ region: 'ap-northeast-2', credentials, now });
  expect(token).to.match(/^[A-Za-z0-9_-]+$/);
  const url = new URL(Buffer.from(token, 'base64url').toString());
  expect(url.origin).to.equal('https://kafka.ap-northeast-2.amazonaws.com');
  return Object.fromEntries(url.searchParams);
}

describe("the token for Amazon MSK's login", () => {
  it("has the signature that AWS's own library makes", () => {
    expect(queryOf()).to.deep.equal({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260301/ap-northeast-2/kafka-cluster/aws4_request',
      'X-Amz-Date': '20260301T123456Z',
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': 'ecd0ff92476fa30988c0ab05f9e77d756a4cdb8621d2160c51a7a0b6a1ab9150',
      'User-Agent': 'rowlock',
    });
  });

  it('signs the session token of a role', () => {
    const token = 'IQoJb3JpZ2luX2VjEJr//////////wEaDmFwLW5vcnRoZWFzdC0yIkgwRgIhAO+x/y=';
    expect(queryOf(token)).to.include({
      'X-Amz-Security-Token': token,
      'X-Amz-Signature': '69a4296f77bfb677d70f95984e5676af0cc96d148e9cbd428692eee115b3ec22',
    });
  });
});
