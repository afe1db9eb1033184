import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import manifest from '../../package.json' with { type: 'json' };
import { inspectPorts } from '../../scripts/shop/start-roles.ts';
import { INSPECT_PORT } from '../../scripts/test-suites/parse-test-options.ts';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');

interface LaunchConfiguration {
  readonly name: string;
  readonly request: 'attach' | 'launch';
  readonly port?: number;
  readonly attachSimplePort?: number;
  readonly runtimeExecutable?: string;
}

/** Programs of this project that a page tells its reader to run. */
function commandsIn(page: string): string[] {
  return [...read(page).matchAll(/`(?:npm run ([\w:-]+)|\.\/(scripts\/\w+))/g)].map(
    ([, script, file]) => script ?? file ?? '',
  );
}

describe('the changelog', () => {
  it('begins with the version of package.json, or with unreleased changes before it', () => {
    const versions = [...read('CHANGELOG.md').matchAll(/^## (\S+)/gm)].map(([, version]) => version);
    expect(versions.filter((version) => version !== 'Unreleased')[0]).to.equal(manifest.version);
  });
});

describe('CONTRIBUTING.md', () => {
  it('names only commands that exist', () => {
    const commands = commandsIn('CONTRIBUTING.md');
    expect(commands).to.have.length.of.at.least(10);
    const known = (command: string) => command in manifest.scripts || existsSync(join(top, command));
    expect(commands.filter((command) => !known(command))).to.deep.equal([]);
  });
});

describe('the settings for VS Code', () => {
  const { configurations } = JSON.parse(read('.vscode/launch.json')) as {
    configurations: readonly LaunchConfiguration[];
  };

  it('attach to every role of npm run dev on its debug port', () => {
    const ports = configurations.filter(({ request }) => request === 'attach').map(({ port }) => port);
    expect(ports).to.have.members(Object.values(inspectPorts));
  });

  it('run tests with scripts/test and attach to the port where it waits', () => {
    const launches = configurations.filter(({ request }) => request === 'launch');
    expect(launches).to.have.lengthOf(2);
    for (const { runtimeExecutable, attachSimplePort } of launches) {
      expect(runtimeExecutable).to.equal(`\${workspaceFolder}/scripts/test`);
      expect(attachSimplePort).to.equal(INSPECT_PORT);
    }
  });

  it('are not ignored by git', () => {
    const ignored = () => execFileSync('git', ['check-ignore', '.vscode/launch.json'], { cwd: top });
    expect(ignored).to.throw();
  });
});
