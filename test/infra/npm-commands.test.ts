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

  for (const [name, command] of own) {
    it(`reject an unknown option: ${name}`, async () => {
      const { code, stdout, stderr } = await new Promise<End>((resolve) => {
        execFile('bash', ['-c', `${command} ${WRONG}`], { env }, (error, out, err) =>
          resolve({ code: error?.code, stdout: out, stderr: err }),
        );
      });
      expect(code, stderr).to.equal(USAGE_ERROR);
      expect(stderr)
        .to.include(WRONG)
        .and.not.match(/^ {4}at /m);
      expect(stdout).to.equal('');
    });
  }
});
