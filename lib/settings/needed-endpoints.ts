/** What an instance talks to besides S3, which has a gateway endpoint in every stage. */
export const neededEndpoints: readonly string[] = [
  // Order events.
  'sqs',
  // Passwords, at the start.
  'secretsmanager',
  // Its log.
  'logs',
  // Its signal, its drain and the health of its target.
  'cloudformation',
  'autoscaling',
  'elasticloadbalancing',
  // A shell for people, without SSH.
  'ssm',
  'ssmmessages',
  'ec2messages',
];
