import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const top = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(top, file), 'utf8');

interface Option {
  readonly alias?: string | readonly string[];
}
type Options = Readonly<Record<string, Option>>;

/** Source of the installed CLI's parser, which silently ignores unknown options. */
const registry = JSON.parse(read('node_modules/aws-cdk/lib/cli/cli-type-registry.json')) as {
  readonly globalOptions: Options;
  readonly commands: Readonly<Record<string, { readonly options?: Options }>>;
};

/** Finds `cdk COMMAND …` in a text, including continued lines, up to a comment or the end of the code. */
function commandsIn(text: string): string[] {
  return [...text.replaceAll(/\\\n\s*/g, ' ').matchAll(/(?<![/\w-])cdk ([a-z]+(?: [^`"\n#]*)?)/g)].map(
    ([, command = '']) => command,
  );
}

/** Returns the options that the command does not support. */
function unknownOptions(command: string): string[] {
  const [name = '', ...words] = command.trim().split(/\s+/);
  const options = { ...registry.globalOptions, ...registry.commands[name]?.options };
  const known = Object.entries(options).flatMap(([option, { alias = [] }]) => [option, ...[alias].flat()]);
  return words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/^--?/, '').replace(/=.*/, ''))
    .filter((option) => !known.includes(option) && !known.includes(option.replace(/^no-/, '')));
}

describe('the CDK commands that the project documents', () => {
  const files = [
    'README.md',
    'README.ko.md',
    'package.json',
    ...readdirSync(join(top, 'docs')).map((file) => `docs/${file}`),
    ...readdirSync(join(top, '.github/workflows')).map((file) => `.github/workflows/${file}`),
  ];
  const commands = files
    .filter((file) => /\.(md|json|yml)$/.test(file))
    .flatMap((file) => commandsIn(read(file)).map((command) => ({ file, command })))
    // Skips "cdk" within sentences.
    .filter(({ command }) => command.includes(' -') || registry.commands[command.split(' ')[0] ?? '']);

  it('use only options that the installed CLI knows', () => {
    const names = commands.map(({ command }) => command.split(' ')[0]);
    expect(names).to.include.members(['bootstrap', 'synth', 'deploy', 'drift', 'destroy']);
    for (const { file, command } of commands) {
      expect(registry.commands, file).to.have.property(command.split(' ')[0] ?? '');
      expect(unknownOptions(command), `${file}: cdk ${command}`).to.deep.equal([]);
    }
  });

  it('are checked together with their continuation lines', () => {
    const [found = ''] = commandsIn('npx cdk deploy Rowlock-X-Service --quick \\\n  --context a=b -c c=d');
    expect(unknownOptions(found)).to.deep.equal(['quick']);
    // `drift` has no --all, because it selects all stacks by default.
    expect(unknownOptions('drift --all --fail')).to.deep.equal(['all']);
  });
});
