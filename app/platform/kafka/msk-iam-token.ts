import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const SERVICE = 'kafka-cluster';
const LIFETIME_S = 900;
const USER_AGENT = 'rowlock';

/**
 * The password for Amazon MSK with IAM: a presigned request for kafka-cluster:Connect (Signature Version 4),
 * in base64url. It is valid for 15 minutes from `now`; a connection that lives longer logs in again. Equal to
 * that of aws-msk-iam-sasl-signer-js, except for the user agent.
 */
export function mskIamToken(options: {
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly now: Date;
}): string {
  const { region, credentials, now } = options;
  const host = `kafka.${region}.amazonaws.com`;
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = [time.slice(0, 8), region, SERVICE, 'aws4_request'].join('/');
  const query = Object.entries({
    Action: `${SERVICE}:Connect`,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': `${LIFETIME_S}`,
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  })
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join('&');
  const request = ['GET', '/', query, `host:${host}`, '', 'host', sha256('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = scope.split('/').reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}&User-Agent=${USER_AGENT}`;
  return Buffer.from(url).toString('base64url');
}

/** Signature Version 4 also encodes what encodeURIComponent leaves. */
function encode(value: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, percent);
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Buffer | string, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
