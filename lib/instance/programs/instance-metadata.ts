/** Time limit for the link-local address, which every instance can reach. */
const TIMEOUT_MS = 2000;
const TOKEN_TTL_S = '60';

/**
 * A value from the instance metadata service, read with a session token (IMDSv2); undefined if the path has
 * none. Throws if the service does not answer.
 */
export async function instanceMetadata(
  path: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const base = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254';
  const call = (target: string, init: RequestInit) =>
    fetch(new URL(target, base), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const token = await call('/latest/api/token', {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_S },
  });
  if (!token.ok) throw new Error(`the metadata service gave no token: ${token.status}`);
  const reply = await call(`/latest/meta-data/${path}`, {
    headers: { 'X-aws-ec2-metadata-token': await token.text() },
  });
  if (reply.status === 404) return undefined;
  if (!reply.ok) throw new Error(`the metadata service gave no ${path}: ${reply.status}`);
  return reply.text();
}
