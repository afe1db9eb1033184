import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Programs of other projects have their own way to reject an argument. */
const own = Object.entries(scripts).filter(([, command]) => /^(\.\/scripts\/|node )/.test(command));
const WRONG = '--no-such-option';
const USAGE_ERROR = 2;
/** Nothing listens there, so a command that ignores the argument cannot do harm. */
const env = { ...process.env, DATABASE_URL: 'mysql://none:none@127.0.0.1:1/none' };

interface End {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the npm commands', () => {
  it('are more than twenty of our own', () => {
    expect(own.length).to.be.greaterThan(20);
  });

  const run = (command: string, argument: string): Promise<End> =>
    new Promise((resolve) => {
      execFile('bash', ['-c', `${command} ${argument}`], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  for (const [name, command] of own) {
    it(`reject an unknown option: ${name}`, async () => {
      const { code, stdout, stderr } = await run(command, WRONG);
      expect(code, stderr).to.equal(USAGE_ERROR);
      expect(stderr)
        .to.include(WRONG)
        .and.not.match(/^ {4}at /m);
      expect(stdout).to.equal('');
    });

    it(`explain themselves: ${name}`, async () => {
      const { code, stdout, stderr } = await run(command, '--help');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/^usage: /);
    });
  }
});
