/**
 * One run in a process of its own: `node run-seed.ts OPTIONS`. Sends its result to the parent, which has the
 * last word.
 */
import { type FaultRunOptions, runFaults } from './run-faults.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as FaultRunOptions;

process.once('SIGTERM', () => process.exit(1));
const run = await runFaults(options);
process.send?.(run, () => process.exit(0));
