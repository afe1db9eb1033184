import { testEnvironment } from './environment.ts';

/** In the title of what does not run on the embedded server; scripts/test counts it as skipped, with this reason. */
const REASON = '(needs LocalStack)';

/**
 * A `describe` of what the embedded S3 server does not check (signatures, expiry, POST policies), so that a
 * test of it would prove nothing there. It runs with `--aws=localstack`; otherwise each test is reported as
 * skipped. The only way to skip a test in this house.
 */
export function describeOnLocalStack(title: string, body: () => void): void {
  if (testEnvironment().awsKind === 'localstack') describe(title, body);
  else describe.skip(`${title} ${REASON}`, body);
}
