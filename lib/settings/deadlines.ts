/**
 * How long everything between a client and a row may take. Each waits longer than what it waits for, so that
 * the innermost gives up first and says why: lock 1 s < group 5 s < request 8 s < gateway 29 s < balancer
 * idle 60 s < keep-alive 75 s. The first three and the last belong to the app; a test compares them.
 */
export const deadlines = {
  /** The most that a REST API waits without a raised quota. */
  gatewayTimeoutMs: 29_000,
  /** The balancer closes an idle connection before the app does, or it would send a request into a closing one. */
  balancerIdleS: 60,

  // An instance that leaves: the balancer sends it nothing new and waits for its requests.
  deregistrationS: 30,
  /** DRAIN_TIMEOUT_MS of the app. */
  drainTimeoutMs: 25_000,
  /** systemd kills after this. The app ends 3 s after its drain timeout by itself. */
  stopTimeoutS: 40,
  /** Auto Scaling ends the instance after this, whether or not it has reported. */
  terminateHookS: 120,

  /** All migrations of a release together; a function runs for 15 minutes at most. */
  migrationsS: 840,
  /** CloudFormation waits this long for the function's answer, and then rolls the release back. */
  migrationsAnswerS: 900,

  /** From the launch of an instance to its signal: boot, download, the first healthy checks. */
  launchSignalS: 600,
  /** From a launch until the instance carries its share: scaling counts it from then on. */
  instanceWarmupS: 150,
} as const;
