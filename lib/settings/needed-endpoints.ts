/** Services that an instance calls, without S3, which has a gateway endpoint in every stage. */
export const neededEndpoints: readonly string[] = [
  // Order events.
  'sqs',
  // Passwords, when a process starts.
  'secretsmanager',
  // The instance's log.
  'logs',
  // The instance's signal, its drain and the health of its target.
  'cloudformation',
  'autoscaling',
  'elasticloadbalancing',
  // A shell for operators, without SSH.
  'ssm',
  'ssmmessages',
  'ec2messages',
];
