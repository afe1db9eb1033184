import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { reasonOf } from '../../scripts/run-command.ts';

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const failureOf = (url: string) => fetch(url).catch((error: unknown) => error);

describe('the reason why a command failed', () => {
  it('names the address that no server answers', async () => {
    const port = await closedPort();
    for (const host of ['127.0.0.1', 'localhost'])
      expect(reasonOf(await failureOf(`http://${host}:${port}`))).to.match(
        new RegExp(`^fetch failed: connect ECONNREFUSED \\S+:${port}$`),
      );
  });

  it('says how to give AWS credentials', () => {
    const error = Object.assign(new Error('Could not load credentials'), {
      name: 'CredentialsProviderError',
    });
    expect(reasonOf(error)).to.equal(
      'Could not load credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
  });

  it("is any other error's message", () => {
    expect(reasonOf(new Error('--region is unknown'))).to.equal('--region is unknown');
    expect(reasonOf('text')).to.equal('text');
  });
});
