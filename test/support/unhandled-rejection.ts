/**
 * Makes an unhandled promise rejection fail the current test, or the suite when no test runs. mocha 12
 * ignores it silently (seen: two tests green, exit code 0). Loaded for every run by .mocharc.json.
 */
process.on('unhandledRejection', (reason) => {
  throw reason;
});
