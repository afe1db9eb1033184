/** One run in its own process: `node run-seed.ts OPTIONS`. Sends its result to the parent, which decides. */
import { type FaultRunOptions, runFaults } from './run-faults.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as FaultRunOptions;
// Redis does not start with libfaketime, so the library is only for processes that are given the run's clock.
delete process.env.LD_PRELOAD;

process.once('SIGTERM', () => process.exit(1));
const run = await runFaults(options);
process.send?.(run, () => process.exit(0));
