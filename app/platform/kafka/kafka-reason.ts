import { OperationalError } from '../operational-error.ts';
import { NO_CREDENTIALS } from './kafka-connection.ts';

interface Fault {
  readonly code?: unknown;
  readonly apiId?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly unknown[];
  readonly cause?: unknown;
}

/** Node's codes for a certificate that does not fit, besides those that begin with CERT_. */
const certificateCode =
  /^(CERT_|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_SSL_|EPROTO)/;
const unreachableCode =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE)$/;

/** The failure with one sentence that says what an operator has to change. */
export function kafkaFailure(error: unknown, where: { brokers: string; topic: string }): OperationalError {
  if (error instanceof OperationalError) return error;
  const message = `Kafka at ${where.brokers} cannot be used: ${kafkaReason(error, where.topic)}`;
  return new OperationalError('dependency_unavailable', message, { cause: error });
}

/** Says why, without a full stop. The client wraps the reason in lists of errors per attempt and broker. */
export function kafkaReason(error: unknown, topic: string): string {
  const faults = flatten(error);
  const certificate = faults.find(({ code }) => certificateCode.test(text(code)));
  if (certificate !== undefined) return `the certificate does not fit (${text(certificate.code)})`;
  if (faults.some(({ code }) => code === NO_CREDENTIALS))
    return 'this process has no AWS credentials for the login';
  const apiIds = new Set(faults.map(({ apiId }) => text(apiId)));
  const isLogin = faults.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION');
  // A refused token is reported in the first answer; the broker then rejects whatever else is sent.
  if (isLogin || apiIds.has('SASL_AUTHENTICATION_FAILED') || apiIds.has('ILLEGAL_SASL_STATE'))
    return 'the broker refuses the login';
  if (apiIds.has('UNSUPPORTED_SASL_MECHANISM')) return 'the broker does not offer this kind of login';
  const isUnknown = faults.some(({ message }) => text(message).startsWith('Unknown topic'));
  if (isUnknown || apiIds.has('UNKNOWN_TOPIC_OR_PARTITION')) return `the topic ${topic} does not exist`;
  if (apiIds.has('TOPIC_AUTHORIZATION_FAILED')) return `this login may not use the topic ${topic}`;
  if (apiIds.has('GROUP_AUTHORIZATION_FAILED')) return 'this login may not join the consumer group';
  if (apiIds.has('MESSAGE_TOO_LARGE')) return `the topic ${topic} takes no records as large as these`;
  const unreachable = faults.find(({ code }) => unreachableCode.test(text(code)));
  if (unreachable !== undefined) return `no broker answers (${text(unreachable.code)})`;
  const innermost = faults.at(-1);
  return text(innermost?.message) || 'the reason is unknown';
}

/** The error, then those that it wraps, outermost first. */
function flatten(error: unknown, depthLeft = 8): Fault[] {
  if (typeof error !== 'object' || error === null || depthLeft === 0) return [];
  const fault = error as Fault;
  const wrapped = [...(Array.isArray(fault.errors) ? fault.errors : []), fault.cause];
  return [fault, ...wrapped.flatMap((inner) => flatten(inner, depthLeft - 1))];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
