import { type Environment, parseConfig } from '../../../app/config/read-config.ts';

/** The settings of the role api in one object, for servers and tests that take the place of the app. */
export function flatConfig(environment: Environment) {
  const { shared, events, shop, api } = parseConfig(environment, ['api']);
  if (shop === undefined || api === undefined) throw new Error('the role api has settings of its own');
  if (events.EVENTS !== 'sqs') throw new Error('these servers use SQS');
  return { ...shared, ...events, ...shop, ...api };
}
