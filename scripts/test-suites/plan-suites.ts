import { globSync } from 'node:fs';
import type { TestOptions } from './parse-test-options.ts';
import { notAgainOnMysql, type Suite, suites, suitesOnMysql } from './suites.ts';

export interface PlannedSuite {
  readonly suite: Suite;
  /** As people see it: the suite, and the server where it is not the usual one. */
  readonly label: string;
  readonly mysql: 'chosen' | 'debian';
  /** Why it will not run. */
  readonly skipReason: string | undefined;
}

/** Every suite, with the reason for those that will not run: nothing is left out in silence. */
export function planSuites(options: TestOptions, top: string): PlannedSuite[] {
  const plan = (suite: Suite, mysql: 'chosen' | 'debian'): PlannedSuite => ({
    suite,
    label: mysql === 'chosen' ? suite.name : `${suite.name} on MySQL`,
    mysql,
    skipReason: skipReasonOf(suite, options, top),
  });
  return [
    ...suites.map((suite) => plan(suite, 'chosen')),
    ...(options.alsoMysql ? suites.filter(({ name }) => suitesOnMysql.includes(name)) : []).map((suite) =>
      plan({ ...suite, leftOut: notAgainOnMysql }, 'debian'),
    ),
  ];
}

function skipReasonOf(suite: Suite, options: TestOptions, top: string): string | undefined {
  if (options.suites !== undefined && !options.suites.includes(suite.name)) return '--suite chose others';
  const hasLocalstack =
    options.aws === 'localstack' || options.alsoLocalstack || options.suites?.includes('localstack');
  if (suite.needsLocalstack && !hasLocalstack) return 'it needs --aws=localstack or --also-localstack';
  // A folder with files in it and no test executed is an error, found when it has run; no folder is a suite
  // that has not been written yet.
  if (globSync(`test/${suite.name}/**/*.test.ts`, { cwd: top }).length === 0) {
    return `test/${suite.name} has no test file`;
  }
  return undefined;
}
