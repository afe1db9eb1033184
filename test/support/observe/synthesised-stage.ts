import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { deploymentOptions } from '../../../lib/settings/deployment-options.ts';
import { type RowlockStacks, rowlockStacks } from '../../../lib/rowlock-stacks.ts';
import type { StageName, StageSettings } from '../../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../../lib/settings/stages.ts';
import { folderUntilExit } from '../folder-until-exit.ts';

export interface Resource {
  readonly logicalId: string;
  /** Such as `Data`. */
  readonly stack: string;
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
  readonly UpdatePolicy?: Record<string, any>;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
  readonly CreationPolicy?: Record<string, any>;
  readonly DependsOn?: readonly string[];
}

export interface SynthesisedStage {
  readonly settings: StageSettings;
  readonly stacks: RowlockStacks;
  readonly resources: readonly Resource[];
  /** Resources of one type, in all stacks. */
  ofType(type: string): Resource[];
  /** The only resource of its type whose logical id starts with `idStart`. */
  one(type: string, idStart?: string): Resource;
  /** Undefined for a stack without a fixed region. */
  regionOf(stack: string): string | undefined;
  outputsOf(stack: string): Readonly<Record<string, unknown>>;
  /** cdk.out of this synthesis. */
  readonly directory: string;
}

const top = join(import.meta.dirname, '../../..');
const made = new Map<string, SynthesisedStage>();

/**
 * The templates of a stage as `npx cdk synth` makes them, with cdk-nag; made once per process for the same
 * arguments. Throws on an unacknowledged finding.
 */
export function synthesisedStage(
  name: StageName,
  context: Readonly<Record<string, string>> = {},
): SynthesisedStage {
  const key = JSON.stringify([name, context]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const stage = synthesise(stageSettings(name), context);
  made.set(key, stage);
  return stage;
}

/** The same for a test's own settings. */
export function synthesise(
  settings: StageSettings,
  context: Readonly<Record<string, string>> = {},
  change: (stacks: RowlockStacks) => void = () => {},
): SynthesisedStage {
  const outdir = folderUntilExit('rowlock-synth-');
  const bundleFile = join(outdir, 'rowlock-linux-arm64.tar.gz');
  writeFileSync(bundleFile, 'stands for the bundle');
  const app = new App({ outdir: join(outdir, 'cdk.out'), context: cdkJson().context });
  const stacks = rowlockStacks(app, {
    settings,
    options: deploymentOptions((option) => context[option]),
    region: 'ap-northeast-2',
    bundleFile,
    pagesDirectory: standInPages(outdir),
  });
  change(stacks);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const assembly = app.synth();
  const resources = assembly.stacks.flatMap((artifact) => {
    const template = artifact.template as {
      Resources: Record<string, Omit<Resource, 'logicalId' | 'stack'>>;
    };
    const stack = artifact.stackName.replace(`Rowlock-${settings.name}-`, '');
    return Object.entries(template.Resources).map(([logicalId, resource]) => ({
      ...resource,
      logicalId,
      stack,
      Properties: resource.Properties ?? {},
    }));
  });
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  return {
    settings,
    stacks,
    resources,
    ofType,
    one: (type, idStart = '') => {
      const [found, ...more] = ofType(type).filter(({ logicalId }) => logicalId.startsWith(idStart));
      if (found === undefined || more.length > 0) {
        throw new Error(`${more.length + (found === undefined ? 0 : 1)} of ${type} ${idStart}, not one`);
      }
      return found;
    },
    regionOf: (stack) => {
      const { region } = assembly.getStackByName(`Rowlock-${settings.name}-${stack}`).environment;
      return region === 'unknown-region' ? undefined : region;
    },
    outputsOf: (stack) =>
      (
        assembly.getStackByName(`Rowlock-${settings.name}-${stack}`).template as {
          Outputs?: Record<string, unknown>;
        }
      ).Outputs ?? {},
    directory: assembly.directory,
  };
}

/** Pages as the build lays them out, of one hashed file each. */
export function standInPages(outdir: string): string {
  const directory = join(outdir, 'pages');
  for (const room of ['shop', 'console']) {
    mkdirSync(join(directory, room), { recursive: true });
    writeFileSync(join(directory, room, `${room}-ABCD1234.js`), room);
    writeFileSync(
      join(directory, room, 'index.html'),
      `<script src="/${room}/${room}-ABCD1234.js"></script>`,
    );
  }
  return directory;
}

function cdkJson(): { context: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(top, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
}
