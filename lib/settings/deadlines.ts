/**
 * Time limits between a client and a row. Each exceeds the limit that it waits for, so that the innermost
 * gives up first and says why: lock 1 s < group 5 s < request 8 s < gateway 29 s < balancer idle 60 s <
 * keep-alive 75 s. The first three and the last belong to the app; a test compares them.
 */
export const deadlines = {
  /** Maximum of a REST API without a raised quota. */
  gatewayTimeoutMs: 29_000,
  /**
   * Below the app's keep-alive, or the balancer would send a request into a connection that the app is
   * closing.
   */
  balancerIdleS: 60,

  /**
   * When an instance leaves, the balancer sends it no new requests and waits this long for those in progress.
   */
  deregistrationS: 30,
  /** DRAIN_TIMEOUT_MS of the app. */
  drainTimeoutMs: 25_000,
  /** systemd kills the app after this time. The app exits at most 3 s after its drain timeout. */
  stopTimeoutS: 40,
  /** Auto Scaling terminates the instance after this time, whether or not the instance has reported. */
  terminateHookS: 120,

  /** A pod of the cluster keeps serving for this long after it starts to leave its balancer. */
  podPreStopS: 20,
  /** Kubernetes kills a pod after this time: preStop, the app's drain timeout and 3 s, with room. */
  podStopS: 60,

  /** All migrations of a release together; a Lambda function may run for 15 minutes. */
  migrationsS: 840,
  /** CloudFormation waits this long for the function's answer and then rolls the release back. */
  migrationsAnswerS: 900,

  /** Time from an instance's launch to its signal: boot, download and the first healthy checks. */
  launchSignalS: 600,
  /** Time from an instance's launch until it carries its share; scaling ignores its metrics until then. */
  instanceWarmupS: 150,
} as const;
