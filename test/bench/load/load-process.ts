/** Entry point of the load process: receives one job from its parent, runs it and sends the result back. */
import { driveLoad } from './drive-load.ts';
import type { LoadJob } from './load-job.ts';

// Exit with the parent: no process is left to report to.
process.once('disconnect', () => process.exit(1));

process.once('message', (job) => {
  driveLoad(job as LoadJob, (phase) => process.send?.({ phase })).then(
    (result) => process.send?.({ result }, () => process.exit(0)),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      process.send?.({ reason }, () => process.exit(1));
    },
  );
});
